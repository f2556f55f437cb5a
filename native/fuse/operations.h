// The operations that faults can name and that status counts, in the order of both.
#ifndef KIBOSH_OPERATIONS_H
#define KIBOSH_OPERATIONS_H

#include <stddef.h>
#include <stdint.h>

enum operation {
  OP_LOOKUP,
  OP_GETATTR,
  OP_CHMOD,
  OP_CHOWN,
  OP_UTIMENS,
  OP_TRUNCATE,
  OP_OPEN,
  OP_CREATE,
  OP_READ,
  OP_WRITE,
  OP_FLUSH,
  OP_FSYNC,
  OP_FDATASYNC,
  OP_FALLOCATE,
  OP_LSEEK,
  OP_OPENDIR,
  OP_READDIR,
  OP_FSYNCDIR,
  OP_MKDIR,
  OP_MKNOD,
  OP_SYMLINK,
  OP_LINK,
  OP_UNLINK,
  OP_RMDIR,
  OP_RENAME,
  OP_READLINK,
  OP_STATFS,
  OP_SETXATTR,
  OP_GETXATTR,
  OP_LISTXATTR,
  OP_REMOVEXATTR,
  OP_IOCTL,
  OP_COUNT,
  OP_NONE = OP_COUNT,
};

#define OP_BIT(op) (UINT64_C(1) << (op))
#define OPS_ALL (OP_BIT(OP_COUNT) - 1)
// What the kernel does not ask for again while it keeps names and attributes.
#define OPS_CACHED (OP_BIT(OP_LOOKUP) | OP_BIT(OP_GETATTR))
#define OPS_DATA (OP_BIT(OP_READ) | OP_BIT(OP_WRITE))
// What a file system that is mounted read-only refuses; open and create only when they write.
#define OPS_MODIFYING                                                                              \
  (OP_BIT(OP_CHMOD) | OP_BIT(OP_CHOWN) | OP_BIT(OP_UTIMENS) | OP_BIT(OP_TRUNCATE) |                \
   OP_BIT(OP_CREATE) | OP_BIT(OP_WRITE) | OP_BIT(OP_FALLOCATE) | OP_BIT(OP_MKDIR) |                \
   OP_BIT(OP_MKNOD) | OP_BIT(OP_SYMLINK) | OP_BIT(OP_LINK) | OP_BIT(OP_UNLINK) |                   \
   OP_BIT(OP_RMDIR) | OP_BIT(OP_RENAME) | OP_BIT(OP_SETXATTR) | OP_BIT(OP_REMOVEXATTR))

const char *operation_name(enum operation op);
// OP_NONE when there is no operation of that name.
enum operation operation_of(const char *name, size_t length);

#endif
