// getattr, setattr, statx and statfs. Everything acts on a descriptor: the open file's where the
// kernel names one, so that removed files still have attributes.
#include "attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "control.h"
#include "credentials.h"
#include "faults.h"
#include "space.h"
#include "unsynced.h"

#define DIRECT_BLOCK 131072

// Programs read in pieces of this size: without a page cache each piece is a request.
static uint32_t block_size(mode_t mode, uint32_t size) {
  return session.direct_io && S_ISREG(mode) && size < DIRECT_BLOCK ? DIRECT_BLOCK : size;
}

void attributes_of(const struct stat *status, struct fuse_attr *attributes) {
  *attributes = (struct fuse_attr){
      .ino = status->st_ino,
      .size = (uint64_t)status->st_size,
      .blocks = (uint64_t)status->st_blocks,
      .atime = (uint64_t)status->st_atim.tv_sec,
      .mtime = (uint64_t)status->st_mtim.tv_sec,
      .ctime = (uint64_t)status->st_ctim.tv_sec,
      .atimensec = (uint32_t)status->st_atim.tv_nsec,
      .mtimensec = (uint32_t)status->st_mtim.tv_nsec,
      .ctimensec = (uint32_t)status->st_ctim.tv_nsec,
      .mode = status->st_mode,
      .nlink = (uint32_t)status->st_nlink,
      .uid = status->st_uid,
      .gid = status->st_gid,
      // The kernel's own coding of device numbers.
      .rdev = (uint32_t)((minor(status->st_rdev) & 0xff) | (major(status->st_rdev) << 8) |
                         ((minor(status->st_rdev) & ~0xffu) << 12)),
      .blksize = (uint32_t)status->st_blksize,
  };
  attributes->blksize = block_size(status->st_mode, attributes->blksize);
}

void set_timeout(bool cached, uint64_t *seconds, uint32_t *nanoseconds) {
  double timeout = cached ? session.options.timeout_sec : 0;
  *seconds = (uint64_t)timeout;
  *nanoseconds = (uint32_t)((timeout - floor(timeout)) * 1e9);
}

void entry_of(const struct inode *inode, const struct stat *status, bool cached,
              struct fuse_entry_out *entry) {
  // A file with several names must be looked up each time: see links.h.
  bool keep_name = cached && (S_ISDIR(status->st_mode) || status->st_nlink <= 1);
  *entry = (struct fuse_entry_out){.nodeid = inode->id};
  set_timeout(keep_name, &entry->entry_valid, &entry->entry_valid_nsec);
  set_timeout(keep_name, &entry->attr_valid, &entry->attr_valid_nsec);
  attributes_of(status, &entry->attr);
}

static void reply_attributes(struct request *request, const struct stat *status, bool cached) {
  struct fuse_attr_out out = {0};
  set_timeout(cached && (S_ISDIR(status->st_mode) || status->st_nlink <= 1), &out.attr_valid,
              &out.attr_valid_nsec);
  attributes_of(status, &out.attr);
  reply_data(request, &out, sizeof out);
}

// The descriptor to act on, and the path that faults match.
static int target_of(struct inode *inode, bool has_handle, uint64_t id, struct handle **handle,
                     char *path) {
  *handle = has_handle ? handle_of(id, HANDLE_FILE) : NULL;
  if (*handle != NULL) {
    snprintf(path, PATH_SIZE, "%s", (*handle)->path);
    return (*handle)->fd;
  }
  inode_path(inode, path);
  return inode->fd;
}

void op_getattr(struct request *request) {
  const struct fuse_getattr_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  if (control_is_node(request->header.nodeid)) return control_getattr(request);
  struct inode *inode = inode_get(request->header.nodeid);
  if (inode == NULL) return reply_error(request, ESTALE);
  struct stat status;
  bool cached = !faults_touch(OP_GETATTR);
  if (!cached) {
    struct handle *handle;
    char path[PATH_SIZE];
    target_of(inode, (in->getattr_flags & FUSE_GETATTR_FH) != 0, in->fh, &handle, path);
    cached = !faults_reach(request->worker, OPS_CACHED, path);
    // Nobody could reach the control file if the root met faults.
    if (inode->id != FUSE_ROOT_ID && faults_gate(request, OP_GETATTR, path, handle, 0, 0)) {
      return inode_put(inode);
    }
  }
  request->op = OP_GETATTR;
  int failed = fstatat(inode->fd, "", &status, AT_EMPTY_PATH);
  inode_put(inode);
  if (failed != 0) return reply_error(request, errno);
  reply_attributes(request, &status, cached);
}

// chmod of what is held by an O_PATH descriptor goes through /proc, which follows no link.
static int set_mode(int fd, mode_t mode) {
  char name[16];
  snprintf(name, sizeof name, "%d", fd);
  return fchmodat(session.proc_fd, name, mode, 0);
}

static int set_times(struct inode *inode, const struct fuse_setattr_in *in) {
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}};
  if ((in->valid & FATTR_ATIME_NOW) != 0) {
    times[0].tv_nsec = UTIME_NOW;
  } else if ((in->valid & FATTR_ATIME) != 0) {
    times[0] = (struct timespec){(time_t)in->atime, in->atimensec};
  }
  if ((in->valid & FATTR_MTIME_NOW) != 0) {
    times[1].tv_nsec = UTIME_NOW;
  } else if ((in->valid & FATTR_MTIME) != 0) {
    times[1] = (struct timespec){(time_t)in->mtime, in->mtimensec};
  }
  if (times[0].tv_nsec >= 1000000000 && times[0].tv_nsec != UTIME_NOW &&
      times[0].tv_nsec != UTIME_OMIT) {
    errno = EINVAL;
    return -1;
  }
  return utimensat(inode->fd, "", times, AT_EMPTY_PATH);
}

static int set_size(struct inode *inode, struct handle *handle, struct request *request,
                    const struct fuse_setattr_in *in) {
  keep_setuid_bits(request->worker, (in->valid & FATTR_KILL_SUIDGID) == 0);
  if (handle != NULL && (handle->flags & O_ACCMODE) != O_RDONLY) {
    return ftruncate(handle->fd, (off_t)in->size);
  }
  char name[16];
  snprintf(name, sizeof name, "%d", inode->fd);
  int fd = open_at(session.proc_fd, name, O_WRONLY, 0);
  if (fd < 0) return -1;
  int result = ftruncate(fd, (off_t)in->size);
  int error = errno;
  close(fd);
  errno = error;
  return result;
}

static int change(struct inode *inode, struct handle *handle, struct request *request,
                  const struct fuse_setattr_in *in, const char *path) {
  const uint32_t times = FATTR_ATIME | FATTR_MTIME | FATTR_ATIME_NOW | FATTR_MTIME_NOW;
  if ((in->valid & FATTR_MODE) != 0 && set_mode(inode->fd, in->mode & 07777) < 0) return errno;
  if ((in->valid & (FATTR_UID | FATTR_GID)) != 0) {
    uid_t uid = (in->valid & FATTR_UID) != 0 ? in->uid : (uid_t)-1;
    gid_t gid = (in->valid & FATTR_GID) != 0 ? in->gid : (gid_t)-1;
    if (fchownat(inode->fd, "", uid, gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0) return errno;
  }
  if ((in->valid & FATTR_SIZE) != 0) {
    struct stat before = {0};
    bool limited = space_is_limited() && fstatat(inode->fd, "", &before, AT_EMPTY_PATH) == 0;
    int error = unsynced_before_truncate(request, inode, in->size);
    if (error != 0) return error;
    if (set_size(inode, handle, request, in) < 0) return errno;
    if (limited && (uint64_t)before.st_size > in->size) {
      space_freed(request->worker, path, (uint64_t)before.st_size - in->size);
    }
  }
  if ((in->valid & times) != 0 && set_times(inode, in) < 0) return errno;
  return 0;
}

static enum operation operation_for(uint32_t valid) {
  if ((valid & FATTR_SIZE) != 0) return OP_TRUNCATE;
  if ((valid & (FATTR_UID | FATTR_GID)) != 0) return OP_CHOWN;
  if ((valid & FATTR_MODE) != 0) return OP_CHMOD;
  return OP_UTIMENS;
}

void op_setattr(struct request *request) {
  const struct fuse_setattr_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  if (control_is_node(request->header.nodeid)) return control_setattr(request, in);
  struct inode *inode = inode_get(request->header.nodeid);
  if (inode == NULL) return reply_error(request, ESTALE);
  struct handle *handle;
  char path[PATH_SIZE];
  target_of(inode, (in->valid & FATTR_FH) != 0, in->fh, &handle, path);
  enum operation op = operation_for(in->valid);
  if (handle != NULL && atomic_load_explicit(&handle->dead, memory_order_relaxed)) {
    reply_error(request, EIO);
  } else if (!faults_gate(request, op, path, handle, in->size, 0)) {
    struct stat status;
    int error = change(inode, handle, request, in, path);
    if (error == 0 && fstatat(inode->fd, "", &status, AT_EMPTY_PATH) < 0) error = errno;
    if (error != 0) {
      reply_error(request, error);
    } else {
      reply_attributes(request, &status, !faults_reach(request->worker, OPS_CACHED, path));
    }
  }
  inode_put(inode);
}

// As statx does, for files that are not on the target.
static void fill_statx(const struct stat *status, struct statx *found) {
  *found = (struct statx){
      .stx_mask = STATX_BASIC_STATS,
      .stx_blksize = (uint32_t)status->st_blksize,
      .stx_nlink = (uint32_t)status->st_nlink,
      .stx_uid = status->st_uid,
      .stx_gid = status->st_gid,
      .stx_mode = (uint16_t)status->st_mode,
      .stx_ino = status->st_ino,
      .stx_size = (uint64_t)status->st_size,
      .stx_atime = {.tv_sec = status->st_atim.tv_sec},
      .stx_ctime = {.tv_sec = status->st_ctim.tv_sec},
      .stx_mtime = {.tv_sec = status->st_mtim.tv_sec},
  };
}

static struct kibosh_sx_time time_of(const struct statx_timestamp *time) {
  return (struct kibosh_sx_time){.tv_sec = time->tv_sec, .tv_nsec = time->tv_nsec};
}

static void reply_statx(struct request *request, const struct statx *found, bool cached) {
  struct kibosh_statx_out out = {0};
  set_timeout(cached, &out.attr_valid, &out.attr_valid_nsec);
  out.stat = (struct kibosh_statx){
      .mask = found->stx_mask,
      .blksize = block_size(found->stx_mode, found->stx_blksize),
      .attributes = found->stx_attributes,
      .attributes_mask = found->stx_attributes_mask,
      .nlink = found->stx_nlink,
      .uid = found->stx_uid,
      .gid = found->stx_gid,
      .mode = found->stx_mode,
      .ino = found->stx_ino,
      .size = found->stx_size,
      .blocks = found->stx_blocks,
      .atime = time_of(&found->stx_atime),
      .btime = time_of(&found->stx_btime),
      .ctime = time_of(&found->stx_ctime),
      .mtime = time_of(&found->stx_mtime),
      .rdev_major = found->stx_rdev_major,
      .rdev_minor = found->stx_rdev_minor,
      .dev_major = found->stx_dev_major,
      .dev_minor = found->stx_dev_minor,
  };
  reply_data(request, &out, sizeof out);
}

void op_statx(struct request *request) {
  const struct kibosh_statx_in *in = args_struct(request, sizeof *in);
  struct statx found;
  if (in == NULL) return reply_error(request, EIO);
  if (control_is_node(request->header.nodeid)) {
    struct stat status;
    control_status(request->header.nodeid, &status);
    fill_statx(&status, &found);
    return reply_statx(request, &found, false);
  }
  struct inode *inode = inode_get(request->header.nodeid);
  if (inode == NULL) return reply_error(request, ESTALE);
  char path[PATH_SIZE] = "";
  if (faults_touch(OP_GETATTR) && inode->id != FUSE_ROOT_ID) inode_path(inode, path);
  if (faults_gate(request, OP_GETATTR, path, NULL, 0, 0)) return inode_put(inode);
  int failed = statx(inode->fd, "", AT_EMPTY_PATH, in->sx_mask, &found);
  inode_put(inode);
  if (failed != 0) return reply_error(request, errno);
  bool kept = S_ISDIR(found.stx_mode) || found.stx_nlink <= 1;
  reply_statx(request, &found, kept && !faults_reach(request->worker, OPS_CACHED, path));
}

void op_statfs(struct request *request) {
  struct inode *inode = inode_get(
      control_is_node(request->header.nodeid) ? FUSE_ROOT_ID : request->header.nodeid);
  if (inode == NULL) return reply_error(request, ESTALE);
  char path[PATH_SIZE] = "";
  if (faults_touch(OP_STATFS)) inode_path(inode, path);
  if (!faults_gate(request, OP_STATFS, path, NULL, 0, 0)) {
    struct statvfs status;
    if (fstatvfs(inode->fd, &status) < 0) {
      reply_error(request, errno);
    } else {
      if (space_is_limited()) space_report(request->worker, &status);
      struct fuse_statfs_out out = {.st = {.blocks = status.f_blocks,
                                           .bfree = status.f_bfree,
                                           .bavail = status.f_bavail,
                                           .files = status.f_files,
                                           .ffree = status.f_ffree,
                                           .bsize = (uint32_t)status.f_bsize,
                                           .namelen = (uint32_t)status.f_namemax,
                                           .frsize = (uint32_t)status.f_frsize}};
      reply_data(request, &out, sizeof out);
    }
  }
  inode_put(inode);
}
