// Not armed yet.
#include "unsynced.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int unsynced_before_write(struct request *request, struct handle *handle, uint64_t offset,
                          uint64_t size) {
  (void)request;
  (void)handle;
  (void)offset;
  (void)size;
  return 0;
}

int unsynced_before_truncate(struct request *request, struct inode *inode, uint64_t size) {
  (void)request;
  (void)inode;
  (void)size;
  return 0;
}

uint64_t unsynced_begin_sync(struct inode *inode) {
  (void)inode;
  return 0;
}

void unsynced_synced(struct inode *inode, uint64_t begun) {
  (void)inode;
  (void)begun;
}

void unsynced_drop(struct inode *inode) {
  (void)inode;
}

int unsynced_unlinkat(struct inode *parent, const char *name, int flags) {
  return unlinkat(parent->fd, name, flags) < 0 ? errno : 0;
}

int unsynced_rename(struct inode *from, const char *old_name, struct inode *to,
                    const char *new_name, unsigned flags) {
  long result = syscall(SYS_renameat2, from->fd, old_name, to->fd, new_name, flags);
  return result < 0 ? errno : 0;
}

void unsynced_made(struct inode *parent, const char *name) {
  (void)parent;
  (void)name;
}

bool unsynced_is_own_name(const char *name) {
  (void)name;
  return false;
}
