// Operations on directory entries.
#ifndef KIBOSH_NAMES_H
#define KIBOSH_NAMES_H

#include "wire.h"

void op_lookup(struct request *request);
void op_forget(struct request *request);
void op_batch_forget(struct request *request);
void op_readlink(struct request *request);
void op_symlink(struct request *request);
void op_mknod(struct request *request);
void op_mkdir(struct request *request);
void op_unlink(struct request *request);
void op_rmdir(struct request *request);
void op_rename(struct request *request);
void op_rename2(struct request *request);
void op_link(struct request *request);

#endif
