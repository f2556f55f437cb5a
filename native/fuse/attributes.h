// Attributes of files as the protocol carries them, and the operations on them.
#ifndef KIBOSH_ATTRIBUTES_H
#define KIBOSH_ATTRIBUTES_H

#include <sys/stat.h>

#include "inodes.h"
#include "wire.h"

void attributes_of(const struct stat *status, struct fuse_attr *attributes);
// An entry as LOOKUP and the makers of files answer it. `cached` false: neither the name nor the
// attributes may be kept.
void entry_of(const struct inode *inode, const struct stat *status, bool cached,
              struct fuse_entry_out *entry);
// For how long the kernel may keep attributes that no fault can change, in both parts.
void set_timeout(bool cached, uint64_t *seconds, uint32_t *nanoseconds);

void op_getattr(struct request *request);
void op_setattr(struct request *request);
void op_statx(struct request *request);
void op_statfs(struct request *request);

#endif
