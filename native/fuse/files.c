// A file is opened on the target with the application's own flags, so that O_APPEND, O_SYNC and
// O_DIRECT mean there what they mean here.
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "attributes.h"
#include "control.h"
#include "credentials.h"
#include "faults.h"
#include "open-reply.h"
#include "space.h"
#include "unsynced.h"

// A file that is open and usable; NULL after an error was answered.
static struct handle *live_handle(struct request *request, uint64_t id) {
  struct handle *handle = handle_of(id, HANDLE_FILE);
  if (handle == NULL) {
    reply_error(request, EBADF);
  } else if (atomic_load_explicit(&handle->dead, memory_order_relaxed)) {
    reply_error(request, EIO);
    handle = NULL;
  }
  return handle;
}

static int open_flags(uint32_t flags) {
  return (int)(flags & ~(uint32_t)(O_NOFOLLOW | O_CREAT | O_EXCL | O_NOCTTY)) | O_CLOEXEC;
}

static int reopen(struct request *request, struct inode *inode, const char *path,
                  const struct fuse_open_in *in) {
  struct stat before = {0};
  if ((in->flags & O_TRUNC) != 0) {
    if (space_is_limited()) fstatat(inode->fd, "", &before, AT_EMPTY_PATH);
    int error = unsynced_before_truncate(request, inode, 0);
    if (error != 0) {
      errno = error;
      return -1;
    }
    keep_setuid_bits(request->worker, (in->open_flags & FUSE_OPEN_KILL_SUIDGID) == 0);
  }
  char name[16];
  snprintf(name, sizeof name, "%d", inode->fd);
  int fd = open_at(session.proc_fd, name, open_flags(in->flags), 0);
  if (fd >= 0 && before.st_size > 0) {
    space_freed(request->worker, path, (uint64_t)before.st_size);
  }
  return fd;
}

void op_open(struct request *request) {
  const struct fuse_open_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  if (control_is_node(request->header.nodeid)) return control_open(request);
  struct inode *inode = inode_get(request->header.nodeid);
  if (inode == NULL) return reply_error(request, ESTALE);
  char path[PATH_SIZE];
  inode_open_path(inode, request->header.pid, path);
  if (faults_gate(request, OP_OPEN, path, NULL, 0, 0)) return inode_put(inode);
  int fd = reopen(request, inode, path, in);
  if (fd < 0) {
    reply_error(request, errno);
    return inode_put(inode);
  }
  struct handle *handle = handle_new(HANDLE_FILE, fd, inode, path);
  if (handle == NULL) {
    close(fd);
    reply_error(request, ENOMEM);
    return inode_put(inode);
  }
  handle->flags = (int)in->flags;
  struct kibosh_open_out out;
  open_reply(handle, &out);
  reply_data(request, &out, sizeof out);
}

// The descriptor that the inode of a file that was just made will hold. By name, which is cheaper,
// unless the name stands for something else by now.
static int hold_created(const struct inode *parent, const char *name, int fd) {
  struct stat made, named;
  int held = open_at(parent->fd, name, O_PATH | O_NOFOLLOW, 0);
  if (held >= 0 && fstat(fd, &made) == 0 && fstatat(held, "", &named, AT_EMPTY_PATH) == 0 &&
      made.st_ino == named.st_ino && made.st_dev == named.st_dev) {
    return held;
  }
  if (held >= 0) close(held);
  char self[16];
  snprintf(self, sizeof self, "%d", fd);
  return open_at(session.proc_fd, self, O_PATH, 0);
}

// Makes inode and handle of a file that was just made and answers with both. Takes over fd and the
// reference of parent.
static void finish_create(struct request *request, struct inode *parent, const char *name, int fd,
                          uint32_t flags) {
  struct stat status;
  struct inode *inode = NULL;
  int held = hold_created(parent, name, fd);
  int error = held < 0 ? errno : inode_adopt(parent, name, held, &status, &inode);
  struct handle *handle = NULL;
  if (error == 0) {
    char path[PATH_SIZE];
    inode_entry_path(parent, name, path);
    handle = handle_new(HANDLE_FILE, fd, inode_get(inode->id), path);
    if (handle == NULL) {
      inode_put(inode);
      inode_forget(inode->id, 1);
      error = ENOMEM;
    }
  }
  inode_put(parent);
  if (error != 0) {
    close(fd);
    return reply_error(request, error);
  }
  handle->flags = (int)flags;
  struct fuse_entry_out entry;
  struct kibosh_open_out out;
  entry_of(inode, &status, !faults_reach(request->worker, OPS_CACHED, handle->path), &entry);
  open_reply(handle, &out);
  reply_two(request, &entry, sizeof entry, &out, sizeof out);
}

static struct inode *begin_create(struct request *request, const char *name) {
  if (name == NULL || !is_entry_name(name)) {
    reply_error(request, EIO);
    return NULL;
  }
  struct inode *parent = inode_get(request->header.nodeid);
  if (parent == NULL) {
    reply_error(request, ESTALE);
    return NULL;
  }
  if (parent->id == FUSE_ROOT_ID && control_is_name(name)) {
    reply_error(request, EEXIST);
  } else {
    char path[PATH_SIZE] = "";
    if (faults_touch(OP_CREATE)) inode_entry_path(parent, name, path);
    if (!faults_gate(request, OP_CREATE, path, NULL, 0, 0)) return parent;
  }
  inode_put(parent);
  return NULL;
}

void op_create(struct request *request) {
  const struct fuse_create_in *in = args_struct(request, sizeof *in);
  size_t at = sizeof *in;
  if (in == NULL) return reply_error(request, EIO);
  const char *name = args_text(request, &at);
  struct inode *parent = begin_create(request, name);
  if (parent == NULL) return;
  int flags = open_flags(in->flags) | O_CREAT | (int)(in->flags & O_EXCL) | O_NOFOLLOW;
  keep_setuid_bits(request->worker, (in->open_flags & FUSE_OPEN_KILL_SUIDGID) == 0);
  act_as_caller(request, in->umask);
  int fd = open_at(parent->fd, name, flags, in->mode & 07777);
  int error = errno;
  act_as_self(request);
  if (fd < 0) {
    reply_error(request, error);
    return inode_put(parent);
  }
  unsynced_made(parent, name);
  finish_create(request, parent, name, fd, in->flags & ~(uint32_t)O_EXCL);
}

void op_tmpfile(struct request *request) {
  const struct fuse_create_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  const char *name = "#tmpfile";
  struct inode *parent = begin_create(request, name);
  if (parent == NULL) return;
  act_as_caller(request, in->umask);
  int fd = open_at(parent->fd, ".", open_flags(in->flags) | O_TMPFILE | (int)(in->flags & O_EXCL),
                   in->mode & 07777);
  int error = errno;
  act_as_self(request);
  if (fd < 0) {
    reply_error(request, error);
    return inode_put(parent);
  }
  finish_create(request, parent, name, fd, in->flags & ~(uint32_t)O_EXCL);
}

void op_flush(struct request *request) {
  const struct fuse_flush_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  if (control_is_node(request->header.nodeid)) return control_flush(request);
  struct handle *handle = handle_of(in->fh, HANDLE_FILE);
  if (handle == NULL) return reply_error(request, EBADF);
  if (faults_gate(request, OP_FLUSH, handle->path, handle, 0, 0)) return;
  if ((handle->flags & O_ACCMODE) == O_RDONLY) return reply_error(request, 0);
  if (session.local_dev == handle->inode->dev) return reply_error(request, 0);
  // What closing reports, as file systems on a network do, the application should see.
  int copy = dup(handle->fd);
  reply_error(request, copy < 0 || close(copy) < 0 ? errno : 0);
}

void op_release(struct request *request) {
  const struct fuse_release_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  if (control_is_node(request->header.nodeid)) return control_release(request);
  struct handle *handle = handle_of(in->fh, HANDLE_FILE);
  if (handle == NULL) return reply_error(request, EBADF);
  if (handle->backing_id != 0) close_backing(handle);
  handle_free(handle);
  reply_error(request, 0);
}

void op_fsync(struct request *request) {
  const struct fuse_fsync_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  if (control_is_node(request->header.nodeid)) return reply_error(request, 0);
  struct handle *handle = live_handle(request, in->fh);
  if (handle == NULL) return;
  bool data_only = (in->fsync_flags & FUSE_FSYNC_FDATASYNC) != 0;
  enum operation op = data_only ? OP_FDATASYNC : OP_FSYNC;
  if (faults_gate(request, op, handle->path, handle, 0, 0)) return;
  if (request->verdict.action == ACT_LIE) return reply_error(request, 0);
  if (request->verdict.action == ACT_FAIL_SYNC) {
    unsynced_drop(handle->inode);
    return reply_error(request, request->verdict.error);
  }
  uint64_t seen = unsynced_begin_sync(handle->inode);
  if ((data_only ? fdatasync(handle->fd) : fsync(handle->fd)) < 0) {
    return reply_error(request, errno);
  }
  unsynced_synced(handle->inode, seen);
  reply_error(request, 0);
}

void op_fallocate(struct request *request) {
  const struct fuse_fallocate_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  struct handle *handle = live_handle(request, in->fh);
  if (handle == NULL) return;
  if (faults_gate(request, OP_FALLOCATE, handle->path, handle, in->offset, in->length)) return;
  int error = unsynced_before_write(request, handle, in->offset, in->length);
  if (error == 0 && fallocate(handle->fd, (int)in->mode, (off_t)in->offset,
                              (off_t)in->length) < 0) {
    error = errno;
  }
  reply_error(request, error);
}

void op_lseek(struct request *request) {
  const struct fuse_lseek_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  struct handle *handle = live_handle(request, in->fh);
  if (handle == NULL) return;
  if (faults_gate(request, OP_LSEEK, handle->path, handle, in->offset, 0)) return;
  off_t found = lseek(handle->fd, (off_t)in->offset, (int)in->whence);
  if (found < 0) return reply_error(request, errno);
  struct fuse_lseek_out out = {.offset = (uint64_t)found};
  reply_data(request, &out, sizeof out);
}

static bool is_known_ioctl(uint32_t command) {
  return command == FS_IOC_GETFLAGS || command == FS_IOC_SETFLAGS ||
         command == FS_IOC_FSGETXATTR || command == FS_IOC_FSSETXATTR;
}

// Only the commands for a file's flags: their arguments hold no pointers.
void op_ioctl(struct request *request) {
  const struct fuse_ioctl_in *in = args_struct(request, sizeof *in);
  union {
    long flags;
    struct fsxattr extended;
  } data = {0};
  if (in == NULL) return reply_error(request, EIO);
  struct handle *handle = handle_of(in->fh, HANDLE_FILE);
  if (handle == NULL) handle = handle_of(in->fh, HANDLE_DIRECTORY);
  if (handle == NULL || !is_known_ioctl(in->cmd)) return reply_error(request, ENOTTY);
  if (in->in_size > sizeof data || in->out_size > sizeof data ||
      request->args_size - sizeof *in < in->in_size) {
    return reply_error(request, EINVAL);
  }
  if (faults_gate(request, OP_IOCTL, handle->path, handle, 0, 0)) return;
  memcpy(&data, in + 1, in->in_size);
  int result = ioctl(handle->fd, in->cmd, &data);
  if (result < 0) return reply_error(request, errno);
  struct fuse_ioctl_out out = {.result = result};
  reply_two(request, &out, sizeof out, &data, in->out_size);
}
