// Listing and syncing directories.
#ifndef KIBOSH_DIRECTORIES_H
#define KIBOSH_DIRECTORIES_H

#include "wire.h"

void op_opendir(struct request *request);
void op_readdir(struct request *request);
void op_readdirplus(struct request *request);
void op_releasedir(struct request *request);
void op_fsyncdir(struct request *request);

#endif
