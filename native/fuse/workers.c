// How many threads read is decided by looking at them, so that serving costs nothing for it: one
// more for each that waits for the target, such as for a slow disk, and one more when those that
// read have no time left. The others stand by.
#include "workers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "dispatch.h"
#include "log.h"
#include "protocol.h"

#define LOOK_NS UINT64_C(1000000)         // how often, while there is traffic
#define LOOK_IDLE_NS UINT64_C(10000000)
#define SAMPLE_LOOKS 4                    // in each of so many looks, all that sleep are counted
#define SLOW_NS UINT64_C(700000)          // a request that takes longer may be waiting
#define WINDOW_NS UINT64_C(50000000)      // over which the use of processors is measured
#define SPARE_NS UINT64_C(10000000000)    // for how long spare threads read after one had to wait
#define SPARE 3
#define PATIENCE_NS UINT64_C(30000)
#define PATIENCE_MAX 16
#define PATIENCE_LOSS 4

static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended, called;
static _Atomic unsigned wanted, reading;  // how many threads shall read, and do

static char *map_buffer(size_t size) {
  char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return map == MAP_FAILED ? NULL : map;
}

char *request_buffer(struct worker *worker) {
  return worker->request_map + PAGE - REQUEST_HEAD;
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
  worker->reads_device = reads_device;
  worker->request_map = map_buffer(REQUEST_BUFFER);
  worker->reply_buffer = map_buffer(REQUEST_DATA_MAX);
  if (worker->request_map != NULL && worker->reply_buffer != NULL) return worker;
  worker_free(worker);
  return NULL;
}

void worker_free(struct worker *worker) {
  if (worker->request_map != NULL) munmap(worker->request_map, REQUEST_BUFFER);
  if (worker->reply_buffer != NULL) munmap(worker->reply_buffer, REQUEST_DATA_MAX);
  pthread_mutex_lock(&places_lock);
  worker->used = false;
  pthread_mutex_unlock(&places_lock);
}

// Each thread reads from clones of its own, so that they do not share the list of what is open.
static int clone_device(int flags) {
  int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC | flags);
  if (fd < 0) return -1;
  uint32_t source = (uint32_t)session.device;
  if (ioctl(fd, FUSE_DEV_IOC_CLONE, &source) == 0) return fd;
  close(fd);
  return -1;
}

// Programs often ask again at once, and being woken costs more than serving: a thread that reads
// alone looks for the next request a while before it sleeps, as long as that has paid off lately.
static ssize_t next_message(struct worker *worker, char *buffer, int *device) {
  const size_t room = PAGE + REQUEST_DATA_MAX;
  uint64_t began = now_ns();
  *device = worker->ready_device;
  if (worker->patience > 0 && *device >= 0 &&
      atomic_load_explicit(&wanted, memory_order_relaxed) == 1) {
    do {
      ssize_t size = read(*device, buffer, room);
      if (size >= 0 || errno != EAGAIN) {
        if (worker->patience < PATIENCE_MAX) worker->patience++;
        return size;
      }
    } while (now_ns() - began < PATIENCE_NS);
    worker->patience -= PATIENCE_LOSS;
  }
  *device = worker->device;
  ssize_t size = read(*device, buffer, room);
  int error = errno;
  if (worker->patience < PATIENCE_MAX && now_ns() - began < PATIENCE_NS) worker->patience++;
  errno = error;
  return size;
}

// Reads and serves one request; false when there will be no more.
static bool serve_one(struct worker *worker) {
  char *buffer = request_buffer(worker);
  int device;
  ssize_t size = next_message(worker, buffer, &device);
  int error = errno;
  if (size >= 0) {
    dispatch_message(worker, device, buffer, (size_t)size);
    atomic_store_explicit(&worker->busy_since_ns, 0, memory_order_relaxed);
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

// Gives the memory of large requests back and waits until there is more to do.
static void stand_by(struct worker *worker) {
  pthread_mutex_lock(&lock);
  if (atomic_load(&reading) > atomic_load(&wanted)) {
    atomic_fetch_sub(&reading, 1);
    madvise(worker->request_map, REQUEST_BUFFER, MADV_DONTNEED);
    madvise(worker->reply_buffer, REQUEST_DATA_MAX, MADV_DONTNEED);
    while (atomic_load(&reading) >= atomic_load(&wanted)) pthread_cond_wait(&called, &lock);
    atomic_fetch_add(&reading, 1);
  }
  pthread_mutex_unlock(&lock);
}

static void *work_loop(void *argument) {
  struct worker *worker = argument;
  atomic_store(&worker->thread_id, (int)gettid());
  dispatch_prepare_thread();
  do {
    if (atomic_load_explicit(&reading, memory_order_relaxed) >
        atomic_load_explicit(&wanted, memory_order_relaxed)) {
      stand_by(worker);
    }
  } while (serve_one(worker));
  pthread_mutex_lock(&lock);
  atomic_store(&session.ending, true);
  pthread_cond_signal(&ended);
  pthread_mutex_unlock(&lock);
  return NULL;
}

static unsigned processors(void) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count > 8 ? 8 : (unsigned)count;
}

static bool add_worker(void) {
  int device = clone_device(0);
  struct worker *worker = worker_new(device < 0 ? session.device : device, true);
  pthread_t thread;
  if (worker == NULL) {
    if (device >= 0) close(device);
    return false;
  }
  worker->ready_device = processors() > 1 ? clone_device(O_NONBLOCK) : -1;
  atomic_fetch_add(&reading, 1);
  if (pthread_create(&thread, NULL, work_loop, worker) != 0) {
    atomic_fetch_sub(&reading, 1);
    if (worker->ready_device >= 0) close(worker->ready_device);
    if (device >= 0) close(device);
    worker_free(worker);
    return false;
  }
  if (pthread_getcpuclockid(thread, &worker->clock) != 0) worker->clock = CLOCK_MONOTONIC;
  pthread_detach(thread);
  atomic_fetch_add(&session.worker_count, 1);
  return true;
}

// Whether a thread sleeps. One that was only displaced by other programs needs no help.
static bool sleeps(int thread_id) {
  char name[48], text[256];
  snprintf(name, sizeof name, "../task/%d/stat", thread_id);
  int fd = openat(session.proc_fd, name, O_RDONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (size <= 0) return true;
  text[size] = '\0';
  const char *end = strrchr(text, ')');
  return end == NULL || end[1] == '\0' || end[2] != 'R';
}

struct watch {
  unsigned least, busy;     // threads wanted at least; threads that have enough to do
  unsigned looks;
  unsigned samples, asleep; // in this window; threads seen asleep in requests, of all samples
  unsigned sleepers;        // how many slept at a time in the last window
  uint64_t window_began_ns, window_used_ns, spare_until_ns;
};

static unsigned count_waiting(struct watch *watch, uint64_t now) {
  unsigned waiting = 0, count = atomic_load(&session.worker_count);
  bool is_sample = watch->looks++ % SAMPLE_LOOKS == 0;
  if (is_sample) watch->samples++;
  for (unsigned i = 0; i < count; i++) {
    struct worker *worker = &session.workers[i];
    uint64_t since = atomic_load_explicit(&worker->busy_since_ns, memory_order_relaxed);
    bool slow = since != 0 && since + SLOW_NS < now;
    bool asleep = since != 0 && (slow || is_sample) && sleeps(atomic_load(&worker->thread_id)) &&
                  atomic_load_explicit(&worker->busy_since_ns, memory_order_relaxed) == since;
    if (asleep && is_sample) watch->asleep++;
    // Twice in the same request: one that slept for a lock, say, has gone on by now.
    if (asleep && slow && worker->asleep_since_ns == since) waiting++;
    worker->asleep_since_ns = asleep && slow ? since : 0;
  }
  return waiting;
}

// What the threads used of the processors so far.
static uint64_t used_ns(void) {
  uint64_t sum = 0;
  unsigned count = atomic_load(&session.worker_count);
  for (unsigned i = 0; i < count; i++) {
    struct timespec time;
    if (clock_gettime(session.workers[i].clock, &time) != 0) continue;
    sum += (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
  }
  return sum;
}

static void measure(struct watch *watch, uint64_t now) {
  uint64_t took = now - watch->window_began_ns;
  if (took < WINDOW_NS) return;
  uint64_t used = used_ns(), share = (used - watch->window_used_ns) * 100 / took;
  if (share > watch->busy * 85 && watch->busy < processors()) {
    watch->busy++;
  } else if (watch->busy > 1 && share < (watch->busy - 1) * 60) {
    watch->busy--;
  }
  // A disk that answers within a look is never seen twice in the same request, but often asleep.
  bool often = watch->asleep * 4 > watch->samples;
  watch->sleepers = often ? (watch->asleep + watch->samples - 1) / watch->samples : 0;
  if (often) watch->spare_until_ns = now + SPARE_NS;
  watch->samples = watch->asleep = 0;
  watch->window_began_ns = now;
  watch->window_used_ns = used;
}

static void set_wanted(unsigned count) {
  unsigned before = atomic_load(&wanted);
  if (count > WORKERS_MAX) count = WORKERS_MAX;
  if (count != before) {
    pthread_mutex_lock(&lock);
    atomic_store(&wanted, count);
    pthread_cond_broadcast(&called);
    pthread_mutex_unlock(&lock);
  }
  // Where the system refused one, it is asked again with the next look.
  while (count > atomic_load(&session.worker_count) && add_worker()) {
  }
}

// Answers whether there is traffic.
static bool look(struct watch *watch) {
  static uint64_t served_before;
  uint64_t now = now_ns(), served = 0;
  unsigned count = atomic_load(&session.worker_count);
  for (unsigned i = 0; i < count; i++) {
    served += atomic_load_explicit(&session.workers[i].served, memory_order_relaxed);
  }
  unsigned waiting = count_waiting(watch, now);
  if (waiting > 0) watch->spare_until_ns = now + SPARE_NS;
  measure(watch, now);
  unsigned least = watch->spare_until_ns > now && watch->least < SPARE ? SPARE : watch->least;
  set_wanted((watch->busy > least ? watch->busy : least) +
             (watch->sleepers > waiting ? watch->sleepers : waiting));
  bool traffic = served != served_before || waiting > 0;
  served_before = served;
  return traffic;
}

static void start_condition(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
}

void workers_serve(void) {
  unsigned least = session.options.threads;
  struct watch watch = {.least = least, .busy = 1, .window_began_ns = now_ns()};
  start_condition(&ended);
  start_condition(&called);
  set_wanted(least);
  pthread_mutex_lock(&lock);
  for (bool traffic = true; !atomic_load(&session.ending);) {
    uint64_t until_ns = now_ns() + (traffic ? LOOK_NS : LOOK_IDLE_NS);
    struct timespec until = {(time_t)(until_ns / 1000000000), (long)(until_ns % 1000000000)};
    pthread_cond_timedwait(&ended, &lock, &until);
    pthread_mutex_unlock(&lock);
    traffic = look(&watch);
    pthread_mutex_lock(&lock);
  }
  pthread_mutex_unlock(&lock);
}
