// With direct I/O every read and write is one request that a fault can meet. Without it the page
// cache answers what it can.
#include "open-reply.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include "faults.h"
#include "session.h"

static void set_backing(struct handle *handle, struct kibosh_open_out *out) {
  struct kibosh_backing_map map = {.fd = handle->fd};
  int id = ioctl(session.device, KIBOSH_DEV_IOC_BACKING_OPEN, &map);
  if (id <= 0) return;
  handle->backing_id = id;
  out->backing_id = id;
  out->open_flags = KIBOSH_FOPEN_PASSTHROUGH;
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
  uint32_t id = (uint32_t)handle->backing_id;
  ioctl(session.device, KIBOSH_DEV_IOC_BACKING_CLOSE, &id);
}
