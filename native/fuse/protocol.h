// The kernel's FUSE protocol: linux/fuse.h, and what newer kernels added to it, so that the helper
// builds with older headers too. Numbers are those of include/uapi/linux/fuse.h in Linux 6.18.
#ifndef KIBOSH_PROTOCOL_H
#define KIBOSH_PROTOCOL_H

#include <linux/fuse.h>
#include <stdint.h>

#define KIBOSH_DIRECT_IO_ALLOW_MMAP (1ULL << 36)
#define KIBOSH_PASSTHROUGH (1ULL << 37)

#define KIBOSH_FOPEN_PARALLEL_DIRECT_WRITES (1u << 6)
#define KIBOSH_FOPEN_PASSTHROUGH (1u << 7)

#define KIBOSH_TMPFILE 51
#define KIBOSH_STATX 52

// fuse_init_out of 7.40; in older headers the last members are unnamed.
struct kibosh_init_out {
  uint32_t major, minor, max_readahead, flags;
  uint16_t max_background, congestion_threshold;
  uint32_t max_write, time_gran;
  uint16_t max_pages, map_alignment;
  uint32_t flags2, max_stack_depth;
  uint32_t unused[6];
};

// fuse_open_out of 7.40: the padding became the id of a backing file.
struct kibosh_open_out {
  uint64_t fh;
  uint32_t open_flags;
  int32_t backing_id;
};

struct kibosh_backing_map {
  int32_t fd;
  uint32_t flags;
  uint64_t padding;
};

#define KIBOSH_DEV_IOC_BACKING_OPEN _IOW(FUSE_DEV_IOC_MAGIC, 1, struct kibosh_backing_map)
#define KIBOSH_DEV_IOC_BACKING_CLOSE _IOW(FUSE_DEV_IOC_MAGIC, 2, uint32_t)

struct kibosh_sx_time {
  int64_t tv_sec;
  uint32_t tv_nsec;
  int32_t reserved;
};

struct kibosh_statx {
  uint32_t mask, blksize;
  uint64_t attributes;
  uint32_t nlink, uid, gid;
  uint16_t mode, spare0[1];
  uint64_t ino, size, blocks, attributes_mask;
  struct kibosh_sx_time atime, btime, ctime, mtime;
  uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
  uint64_t spare2[14];
};

struct kibosh_statx_in {
  uint32_t getattr_flags, reserved;
  uint64_t fh;
  uint32_t sx_flags, sx_mask;
};

struct kibosh_statx_out {
  uint64_t attr_valid;
  uint32_t attr_valid_nsec, flags;
  uint64_t spare[2];
  struct kibosh_statx stat;
};

_Static_assert(sizeof(struct kibosh_init_out) == 64, "the kernel's size of fuse_init_out");
_Static_assert(sizeof(struct kibosh_open_out) == 16, "the kernel's size of fuse_open_out");
_Static_assert(sizeof(struct kibosh_statx) == 256, "the kernel's size of fuse_statx");
_Static_assert(sizeof(struct fuse_in_header) + sizeof(struct fuse_write_in) == 80,
               "the payload of WRITE begins 80 bytes into a request");

#endif
