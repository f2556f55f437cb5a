// Opening, closing, syncing and what else acts on an open file but its data.
#ifndef KIBOSH_FILES_H
#define KIBOSH_FILES_H

#include "wire.h"

void op_open(struct request *request);
void op_create(struct request *request);
void op_tmpfile(struct request *request);
void op_flush(struct request *request);
void op_release(struct request *request);
void op_fsync(struct request *request);
void op_fallocate(struct request *request);
void op_lseek(struct request *request);
void op_ioctl(struct request *request);

#endif
