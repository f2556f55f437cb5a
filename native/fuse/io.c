// The data path. A read asks the target first, so that its own errors and the end of a file are no
// fault's business; a write asks the faults first.
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "control.h"
#include "credentials.h"
#include "effects.h"
#include "faults.h"
#include "timers.h"
#include "unsynced.h"

static size_t apply_to_read(const struct verdict *verdict, const struct handle *handle, char *data,
                            size_t size, uint64_t offset) {
  switch (verdict->action) {
    case ACT_CORRUPT:
      return corrupt(verdict, data, size);
    case ACT_SHORT:
      return verdict->limit < size ? (size_t)verdict->limit : size;
    case ACT_ROT:
      rot(verdict, handle->inode->ino, offset, data, size);
      return size;
    default:
      return size;
  }
}

void op_read(struct request *request) {
  const struct fuse_read_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  struct handle *handle = handle_of(in->fh, HANDLE_FILE);
  if (handle == NULL) return control_read(request);
  request->op = OP_READ;
  if (atomic_load_explicit(&handle->dead, memory_order_relaxed)) return reply_error(request, EIO);
  size_t size = in->size < REQUEST_DATA_MAX ? in->size : REQUEST_DATA_MAX;
  char *data = request->worker->reply_buffer;
  ssize_t length = pread(handle->fd, data, size, (off_t)in->offset);
  if (length < 0) return reply_error(request, errno);
  if (length > 0 && (request->verdict.decided || faults_touch(OP_READ))) {
    if (faults_gate(request, OP_READ, handle->path, handle, in->offset, (uint64_t)length)) return;
    length = (ssize_t)apply_to_read(&request->verdict, handle, data, (size_t)length, in->offset);
  }
  reply_data(request, data, (size_t)length);
}

// Pages of a shared mapping are written back at their place, also by a file that was opened to
// append: for those there is a second descriptor, which does not append.
static int plain_descriptor(struct handle *handle) {
  int fd = atomic_load(&handle->plain_fd);
  if (fd >= 0) return fd;
  char name[16];
  snprintf(name, sizeof name, "%d", handle->fd);
  fd = openat(session.proc_fd, name, O_WRONLY | O_CLOEXEC);
  int before = -1;
  if (fd >= 0 && !atomic_compare_exchange_strong(&handle->plain_fd, &before, fd)) {
    close(fd);
    fd = before;
  }
  return fd;
}

// What is stored of `size` bytes, and what is reported as stored.
struct amounts {
  size_t stored, reported;
};

static struct amounts apply_to_write(const struct verdict *verdict, char *data, size_t size) {
  if (verdict->action == ACT_SHORT && verdict->limit < size) {
    return (struct amounts){(size_t)verdict->limit, (size_t)verdict->limit};
  }
  if (verdict->action == ACT_CORRUPT) return (struct amounts){corrupt(verdict, data, size), size};
  return (struct amounts){size, size};
}

void op_write(struct request *request) {
  const struct fuse_write_in *in = args_struct(request, sizeof *in);
  if (in == NULL || request->args_size - sizeof *in < in->size) return reply_error(request, EIO);
  struct handle *handle = handle_of(in->fh, HANDLE_FILE);
  if (handle == NULL) return control_write(request);
  request->op = OP_WRITE;
  if (atomic_load_explicit(&handle->dead, memory_order_relaxed)) return reply_error(request, EIO);
  if (faults_gate(request, OP_WRITE, handle->path, handle, in->offset, in->size)) return;
  // The request is ours alone: what is stored may be changed where it lies.
  char *data = (char *)(uintptr_t)(in + 1);
  struct amounts amounts = apply_to_write(&request->verdict, data, in->size);
  int error = unsynced_before_write(request, handle, in->offset, amounts.stored);
  if (error != 0) return reply_error(request, error);
  bool back = (in->write_flags & FUSE_WRITE_CACHE) != 0 && (handle->flags & O_APPEND) != 0;
  int fd = back ? plain_descriptor(handle) : handle->fd;
  keep_setuid_bits(request->worker, (in->write_flags & FUSE_WRITE_KILL_SUIDGID) == 0);
  ssize_t length = pwrite(fd, data, amounts.stored, (off_t)in->offset);
  if (length < 0) return reply_error(request, errno);
  bool complete = (size_t)length == amounts.stored;
  struct fuse_write_out out = {.size = complete ? (uint32_t)amounts.reported : (uint32_t)length};
  reply_data(request, &out, sizeof out);
}
