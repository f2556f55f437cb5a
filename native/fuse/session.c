// Agrees with the kernel on what it may ask, and runs the threads that serve it. There are few;
// more are added, up to WORKERS_MAX, only while all have been busy for a while.
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#include "dispatch.h"
#include "log.h"
#include "protocol.h"

#define STARVED_NS 3000000  // all threads busy for so long: add one

struct session session;

static pthread_mutex_t workers_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int idle_workers;

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

static char *map_buffer(size_t size) {
  char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return map == MAP_FAILED ? NULL : map;
}

char *request_buffer(struct worker *worker) {
  return worker->request_map + PAGE - REQUEST_HEAD;
}

struct worker *worker_new(int device, bool reads_device) {
  struct worker *worker = NULL;
  pthread_mutex_lock(&workers_lock);
  // The last places are for the threads that go on with delayed requests.
  size_t first = reads_device ? 0 : WORKERS_MAX;
  size_t end = reads_device ? WORKERS_MAX : WORKERS_MAX + RESUMERS_MAX;
  for (size_t i = first; i < end && worker == NULL; i++) {
    if (!session.workers[i].used) worker = &session.workers[i];
  }
  if (worker != NULL) worker->used = true;
  pthread_mutex_unlock(&workers_lock);
  if (worker == NULL) return NULL;
  worker->device = device;
  worker->reads_device = reads_device;
  worker->request_map = map_buffer(REQUEST_BUFFER);
  worker->reply_buffer = map_buffer(REQUEST_DATA_MAX);
  if (worker->request_map != NULL && worker->reply_buffer != NULL) return worker;
  if (worker->request_map != NULL) munmap(worker->request_map, REQUEST_BUFFER);
  if (worker->reply_buffer != NULL) munmap(worker->reply_buffer, REQUEST_DATA_MAX);
  worker->used = false;
  return NULL;
}

// Each thread reads from a clone of its own, so that they do not share the list of what is open.
static int clone_device(void) {
  int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (fd < 0) return session.device;
  uint32_t source = (uint32_t)session.device;
  if (ioctl(fd, FUSE_DEV_IOC_CLONE, &source) == 0) return fd;
  close(fd);
  return session.device;
}

// Reads and serves one request; false when there will be no more.
static bool serve_one(struct worker *worker) {
  atomic_fetch_add(&idle_workers, 1);
  char *buffer = request_buffer(worker);
  ssize_t size = read(worker->device, buffer, PAGE + REQUEST_DATA_MAX);
  int error = errno;
  atomic_fetch_sub(&idle_workers, 1);
  if (size >= 0) return dispatch_message(worker, worker->device, buffer, (size_t)size) || true;
  // ENOENT: the request was interrupted before it was read. ENODEV: the file system is unmounted.
  if (error == ENOENT || error == EINTR || error == EAGAIN) return true;
  if (error != ENODEV && error != ECONNABORTED) {
    log_event("reading requests failed: %s", strerror(error));
  }
  return false;
}

static pthread_mutex_t ended_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended;

static void *work_loop(void *argument) {
  struct worker *worker = argument;
  dispatch_prepare_thread();
  while (serve_one(worker)) {
  }
  pthread_mutex_lock(&ended_lock);
  atomic_store(&session.ending, true);
  pthread_cond_signal(&ended);
  pthread_mutex_unlock(&ended_lock);
  return NULL;
}

static bool add_worker(void) {
  struct worker *worker = worker_new(clone_device(), true);
  if (worker == NULL) return false;
  pthread_t thread;
  if (pthread_create(&thread, NULL, work_loop, worker) != 0) return false;
  pthread_detach(thread);
  atomic_fetch_add(&session.worker_count, 1);
  return true;
}

// Adds threads while requests wait for one: operations of the target, such as a sync, may be slow.
static void add_when_starved(uint64_t *starved_since) {
  if (atomic_load(&idle_workers) > 0) {
    *starved_since = 0;
  } else if (*starved_since == 0) {
    *starved_since = now_ns();
  } else if (now_ns() - *starved_since >= STARVED_NS &&
             atomic_load(&session.worker_count) < WORKERS_MAX) {
    add_worker();
    *starved_since = 0;
  }
}

void session_serve(void) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&ended, &attributes);
  pthread_condattr_destroy(&attributes);
  for (unsigned i = 0; i < session.options.threads; i++) {
    if (!add_worker()) break;
  }
  uint64_t starved_since = 0;
  pthread_mutex_lock(&ended_lock);
  while (!atomic_load(&session.ending)) {
    // Idle threads are looked at a hundred times a second while there is traffic, else rarely.
    uint64_t wait_ns = starved_since != 0 ? 1500000 : 10000000;
    uint64_t until_ns = now_ns() + wait_ns;
    struct timespec until = {(time_t)(until_ns / 1000000000), (long)(until_ns % 1000000000)};
    pthread_cond_timedwait(&ended, &ended_lock, &until);
    add_when_starved(&starved_since);
  }
  pthread_mutex_unlock(&ended_lock);
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
  char *buffer = map_buffer(REQUEST_BUFFER);
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
  munmap(buffer, REQUEST_BUFFER);
  return good;
}
