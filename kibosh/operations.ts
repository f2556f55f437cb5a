// The operations that a fault can name in `ops`: those of the FUSE protocol, under the names that
// the system calls have.

export const operations = [
  "lookup",
  "getattr",
  "chmod",
  "chown",
  "utimens",
  "truncate",
  "open",
  "create",
  "read",
  "write",
  "flush",
  "fsync",
  "fdatasync",
  "fallocate",
  "lseek",
  "opendir",
  "readdir",
  "fsyncdir",
  "mkdir",
  "mknod",
  "symlink",
  "link",
  "unlink",
  "rmdir",
  "rename",
  "readlink",
  "statfs",
  "setxattr",
  "getxattr",
  "listxattr",
  "removexattr",
  "ioctl",
] as const;

export type Operation = (typeof operations)[number];
