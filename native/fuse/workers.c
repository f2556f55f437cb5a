// Somebody always waits for the next request: whoever takes one while nobody else waits calls
// another thread first. So a request that waits for the target, such as for a slow disk, holds up
// no other. Threads that are too many stand by.
#include "workers.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "dispatch.h"
#include "log.h"
#include "protocol.h"

#define IDLE_KEPT 2                  // for each thread that reads at least, so many may wait
#define RETRY_NS UINT64_C(10000000)  // after the system refused a thread

static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended, called_up;
static unsigned standing, called;  // threads that stand by, and how many of them shall read again
static bool was_refused;           // the system did not give a thread that was wanted
static _Atomic unsigned idle;      // threads that wait for a request, or are about to

static char *map_buffer(size_t size) {
  char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return map == MAP_FAILED ? NULL : map;
}

char *request_buffer(struct worker *worker) {
  return worker->request_map + PAGE - REQUEST_HEAD;
}

static void worker_free(struct worker *worker) {
  if (worker->request_map != NULL) munmap(worker->request_map, REQUEST_BUFFER);
  if (worker->reply_buffer != NULL) munmap(worker->reply_buffer, REQUEST_DATA_MAX);
  pthread_mutex_lock(&places_lock);
  worker->used = false;
  pthread_mutex_unlock(&places_lock);
}

struct worker *worker_new(int device, bool reads_device) {
  struct worker *worker = NULL;
  pthread_mutex_lock(&places_lock);
  // The last places are for the threads that go on with delayed requests.
  size_t first = reads_device ? 0 : WORKERS_MAX;
  size_t end = reads_device ? WORKERS_MAX : WORKERS_MAX + RESUMERS_MAX;
  for (size_t i = first; i < end && worker == NULL; i++) {
    if (!session.workers[i].used) worker = &session.workers[i];
  }
  if (worker != NULL) worker->used = true;
  pthread_mutex_unlock(&places_lock);
  if (worker == NULL) return NULL;
  worker->device = device;
  worker->request_map = map_buffer(REQUEST_BUFFER);
  worker->reply_buffer = map_buffer(REQUEST_DATA_MAX);
  if (worker->request_map != NULL && worker->reply_buffer != NULL) return worker;
  worker_free(worker);
  return NULL;
}

bool worker_start(int device, bool reads_device, void *(*loop)(void *worker)) {
  struct worker *worker = worker_new(device, reads_device);
  pthread_t thread;
  if (worker == NULL) return false;
  if (pthread_create(&thread, NULL, loop, worker) != 0) {
    worker_free(worker);
    return false;
  }
  pthread_detach(thread);
  return true;
}

// Each thread reads from a clone of its own, so that they do not share the list of what is open.
static int clone_device(void) {
  int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (fd < 0) return -1;
  uint32_t source = (uint32_t)session.device;
  if (ioctl(fd, FUSE_DEV_IOC_CLONE, &source) == 0) return fd;
  close(fd);
  return -1;
}

static void *work_loop(void *argument);

static bool start_thread(void) {
  int device = clone_device();
  if (worker_start(device < 0 ? session.device : device, true, work_loop)) {
    atomic_fetch_add(&session.worker_count, 1);
    return true;
  }
  if (device >= 0) close(device);
  return false;
}

// One that stands by, or a new one; false when there is none. It counts as idle from here on, so
// that nobody calls twice.
static bool call_another(void) {
  atomic_fetch_add(&idle, 1);
  pthread_mutex_lock(&lock);
  bool stands_by = standing > called;
  if (stands_by) called++;
  pthread_cond_signal(&called_up);
  pthread_mutex_unlock(&lock);
  if (stands_by || start_thread()) return true;
  atomic_fetch_sub(&idle, 1);
  if (atomic_load(&session.worker_count) >= WORKERS_MAX) return false;
  pthread_mutex_lock(&lock);
  was_refused = true;
  pthread_cond_signal(&ended);
  pthread_mutex_unlock(&lock);
  return false;
}

// Gives the memory of large requests back and waits until it is called.
static void stand_by(struct worker *worker) {
  pthread_mutex_lock(&lock);
  // The others that waited may all have got requests meanwhile, and counted on this one.
  bool is_last = atomic_fetch_sub(&idle, 1) == 1;
  if (is_last) {
    atomic_fetch_add(&idle, 1);
  } else {
    standing++;
  }
  pthread_mutex_unlock(&lock);
  if (is_last) return;
  madvise(worker->request_map, REQUEST_BUFFER, MADV_DONTNEED);
  madvise(worker->reply_buffer, REQUEST_DATA_MAX, MADV_DONTNEED);
  pthread_mutex_lock(&lock);
  while (called == 0) pthread_cond_wait(&called_up, &lock);
  called--;
  standing--;
  pthread_mutex_unlock(&lock);
}

// Reads and serves one request; false when there will be no more.
static bool serve_one(struct worker *worker) {
  char *buffer = request_buffer(worker);
  ssize_t size = read(worker->device, buffer, PAGE + REQUEST_DATA_MAX);
  int error = errno;
  if (size >= 0) {
    unsigned least = session.options.threads;
    if (atomic_fetch_sub(&idle, 1) == 1 && least > 1) call_another();
    dispatch_message(worker, buffer, (size_t)size);
    if (atomic_fetch_add(&idle, 1) >= least * IDLE_KEPT) stand_by(worker);
    return true;
  }
  // ENOENT: the request was interrupted before it was read. ENODEV: the file system is unmounted.
  if (error == ENOENT || error == EINTR || error == EAGAIN) return true;
  if (error != ENODEV && error != ECONNABORTED) {
    log_event("reading requests failed: %s", strerror(error));
    atomic_store(&session.failed, true);
  }
  return false;
}

static void *work_loop(void *argument) {
  struct worker *worker = argument;
  dispatch_prepare_thread();
  while (serve_one(worker)) {
  }
  pthread_mutex_lock(&lock);
  atomic_store(&session.ending, true);
  pthread_cond_signal(&ended);
  pthread_mutex_unlock(&lock);
  return NULL;
}

// Waits for the end, or for the time to ask again for what was refused; answers which.
static bool wait_for_end(void) {
  pthread_mutex_lock(&lock);
  while (!was_refused && !atomic_load(&session.ending)) pthread_cond_wait(&ended, &lock);
  uint64_t until_ns = now_ns() + RETRY_NS;
  struct timespec until = {(time_t)(until_ns / 1000000000), (long)(until_ns % 1000000000)};
  while (!atomic_load(&session.ending) && pthread_cond_timedwait(&ended, &lock, &until) == 0) {
  }
  was_refused = false;
  pthread_mutex_unlock(&lock);
  return atomic_load(&session.ending);
}

void workers_serve(void) {
  condition_start(&ended);
  condition_start(&called_up);
  do {
    while (atomic_load(&session.worker_count) < session.options.threads && call_another()) {
    }
    if (atomic_load(&idle) == 0 && session.options.threads > 1) call_another();
  } while (!wait_for_end());
}
