// What the kernel's mount table says, read without touching any mounted file system.
#ifndef KIBOSH_MOUNT_TABLE_H
#define KIBOSH_MOUNT_TABLE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct mount_entry {
  int id;
  dev_t device;
  char path[PATH_MAX];
  char type[64];
};

// The mount that is on top at exactly this path; false when none is.
bool mount_at(const char *path, struct mount_entry *entry);
// The mount that a descriptor lies in.
bool mount_of(int fd, struct mount_entry *entry);
bool mount_is_ours(const struct mount_entry *entry);

#endif
