// With direct I/O every read and write is one request that a fault can meet. Without it the page
// cache answers what it can; with pass-through the kernel asks nobody.
#include "open-reply.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "faults.h"
#include "session.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// All opens of one inode must name the same backing file, so it can write even if this open cannot.
static int open_backing(const struct inode *inode) {
  char name[16];
  snprintf(name, sizeof name, "%d", inode->fd);
  int fd = openat(session.proc_fd, name, O_RDWR | O_CLOEXEC);
  if (fd < 0) return 0;
  struct kibosh_backing_map map = {.fd = fd};
  int id = ioctl(session.device, KIBOSH_DEV_IOC_BACKING_OPEN, &map);
  close(fd);
  return id;
}

static void set_backing(struct handle *handle, struct kibosh_open_out *out) {
  struct inode *inode = handle->inode;
  pthread_mutex_lock(&lock);
  if (inode->backing_users == 0) inode->backing_id = open_backing(inode);
  if (inode->backing_id > 0) {
    inode->backing_users++;
    handle->backing_id = inode->backing_id;
    out->backing_id = inode->backing_id;
    out->open_flags = KIBOSH_FOPEN_PASSTHROUGH;
  }
  pthread_mutex_unlock(&lock);
}

void open_reply(struct handle *handle, struct kibosh_open_out *out) {
  *out = (struct kibosh_open_out){.fh = handle->id};
  if (session.direct_io) {
    out->open_flags = FOPEN_DIRECT_IO | KIBOSH_FOPEN_PARALLEL_DIRECT_WRITES;
  }
  // Closing a file that was only read has nothing to report, unless a fault says so.
  if ((handle->flags & O_ACCMODE) == O_RDONLY && !faults_touch(OP_FLUSH)) {
    out->open_flags |= FOPEN_NOFLUSH;
  }
  if (session.passthrough && !faults_touch(OP_READ) && !faults_touch(OP_WRITE)) {
    set_backing(handle, out);
  }
}

void close_backing(struct handle *handle) {
  pthread_mutex_lock(&lock);
  struct inode *inode = handle->inode;
  uint32_t id = (uint32_t)handle->backing_id;
  if (--inode->backing_users == 0) ioctl(session.device, KIBOSH_DEV_IOC_BACKING_CLOSE, &id);
  pthread_mutex_unlock(&lock);
}
