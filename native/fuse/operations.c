// Names of operations, as control documents and logs spell them.
#include "operations.h"

#include <string.h>

static const char *const names[OP_COUNT] = {
    "lookup",  "getattr",  "chmod",   "chown",       "utimens",  "truncate",  "open",
    "create",  "read",     "write",   "flush",       "fsync",    "fdatasync", "fallocate",
    "lseek",   "opendir",  "readdir", "fsyncdir",    "mkdir",    "mknod",     "symlink",
    "link",    "unlink",   "rmdir",   "rename",      "readlink", "statfs",    "setxattr",
    "getxattr", "listxattr", "removexattr", "ioctl",
};

const char *operation_name(enum operation op) {
  return op < OP_COUNT ? names[op] : "other";
}

enum operation operation_of(const char *name, size_t length) {
  for (int op = 0; op < OP_COUNT; op++) {
    if (strlen(names[op]) == length && memcmp(names[op], name, length) == 0) return op;
  }
  return OP_NONE;
}
