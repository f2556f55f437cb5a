// Agrees with the kernel on what it may ask.
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "protocol.h"

struct session session;

uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

uint64_t wall_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void condition_start(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
}

static uint64_t wanted_features(uint64_t offered) {
  uint64_t wanted = FUSE_ASYNC_READ | FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES | FUSE_DONT_MASK |
                    FUSE_HAS_IOCTL_DIR | FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO |
                    FUSE_ASYNC_DIO | FUSE_PARALLEL_DIROPS | FUSE_POSIX_ACL | FUSE_ABORT_ERROR |
                    FUSE_MAX_PAGES | FUSE_HANDLE_KILLPRIV_V2 | FUSE_SETXATTR_EXT | FUSE_INIT_EXT;
  if (!session.options.cached) wanted |= KIBOSH_DIRECT_IO_ALLOW_MMAP;
  if (session.options.passthrough) wanted |= KIBOSH_PASSTHROUGH;
  wanted &= offered;
  session.direct_io = session.options.direct || (wanted & KIBOSH_DIRECT_IO_ALLOW_MMAP) != 0;
  session.passthrough = (wanted & KIBOSH_PASSTHROUGH) != 0;
  // Someone may write to the target directly: then pages are dropped as attributes are refreshed.
  if (!session.direct_io) wanted |= FUSE_AUTO_INVAL_DATA & offered;
  return wanted;
}

static void answer_init(uint64_t unique, const struct fuse_init_in *in) {
  uint64_t offered = in->flags;
  if ((in->flags & FUSE_INIT_EXT) != 0) offered |= (uint64_t)in->flags2 << 32;
  session.features = wanted_features(offered);
  struct {
    struct fuse_out_header head;
    struct kibosh_init_out init;
  } out = {
      .head = {.len = sizeof out, .unique = unique},
      .init = {.major = FUSE_KERNEL_VERSION,
               .minor = in->minor < 40 ? in->minor : 40,
               .max_readahead = in->max_readahead,
               .flags = (uint32_t)session.features,
               .flags2 = (uint32_t)(session.features >> 32),
               // Delayed requests are in the background too and must not hold up the others.
               .max_background = 32768,
               .congestion_threshold = 24576,
               .max_write = REQUEST_DATA_MAX,
               .time_gran = 1,
               .max_pages = REQUEST_DATA_MAX / PAGE,
               .max_stack_depth = session.passthrough ? 1 : 0},
  };
  if (write(session.device, &out, sizeof out) < 0) log_event("answering INIT failed");
}

bool session_negotiate(void) {
  char *buffer = malloc(REQUEST_BUFFER);
  if (buffer == NULL) return false;
  ssize_t size;
  do {
    size = read(session.device, buffer, REQUEST_BUFFER);
  } while (size < 0 && (errno == EINTR || errno == ENOENT));
  const struct fuse_in_header *head = (const void *)buffer;
  const struct fuse_init_in *in = (const void *)(head + 1);
  bool good = size >= (ssize_t)(sizeof *head + 16) && head->opcode == FUSE_INIT &&
              in->major == FUSE_KERNEL_VERSION && in->minor >= 28;
  if (good) {
    answer_init(head->unique, in);
  } else if (size >= 0) {
    errno = EPROTO;
  }
  int error = errno;
  free(buffer);
  errno = error;
  return good;
}
