// A heap by deadline and a hash by request, under one lock. Whoever waits for the earliest deadline
// leads; the other threads wait to be told that there is more to do.
#include "timers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "dispatch.h"
#include "faults.h"
#include "log.h"
#include "workers.h"

#define BUCKETS 4096
#define WAITING_MAX 65536
#define EARLY 1024
#define COPIED_MAX 4096  // larger requests give their buffer away instead of being copied

struct waiting {
  uint64_t deadline_ns;
  size_t place;  // in the heap
  struct waiting *next;
  void (*done)(void *argument);  // NULL for a request
  void *argument;
  struct request request;
  char *map;     // the request's buffer, or NULL
  _Alignas(8) char copy[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static struct waiting **heap;
static size_t heap_count, heap_room;
static struct waiting *buckets[BUCKETS];
// Interrupts that came before their request was parked. Ids never repeat, so old ones do no harm.
static uint64_t early[EARLY];
static unsigned early_next;
static unsigned threads;
static bool has_leader;

static void place(struct waiting *waiting, size_t at) {
  heap[at] = waiting;
  waiting->place = at;
}

static void sift_up(size_t at) {
  struct waiting *waiting = heap[at];
  while (at > 0 && heap[(at - 1) / 2]->deadline_ns > waiting->deadline_ns) {
    place(heap[(at - 1) / 2], at);
    at = (at - 1) / 2;
  }
  place(waiting, at);
}

static void sift_down(size_t at) {
  struct waiting *waiting = heap[at];
  for (;;) {
    size_t child = at * 2 + 1;
    if (child >= heap_count) break;
    if (child + 1 < heap_count && heap[child + 1]->deadline_ns < heap[child]->deadline_ns) child++;
    if (heap[child]->deadline_ns >= waiting->deadline_ns) break;
    place(heap[child], at);
    at = child;
  }
  place(waiting, at);
}

static struct waiting **bucket_of(uint64_t unique) {
  return &buckets[mix64(unique) % BUCKETS];
}

static void remove_locked(struct waiting *waiting) {
  size_t at = waiting->place;
  struct waiting *last = heap[--heap_count];
  if (last != waiting) {
    place(last, at);
    sift_up(at);
    sift_down(last->place);
  }
  if (waiting->done != NULL) return;
  struct waiting **link = bucket_of(waiting->request.header.unique);
  while (*link != waiting) link = &(*link)->next;
  *link = waiting->next;
}

static bool insert_locked(struct waiting *waiting) {
  if (heap_count >= WAITING_MAX) return false;
  if (heap_count == heap_room) {
    size_t room = heap_room == 0 ? 64 : heap_room * 2;
    struct waiting **larger = realloc(heap, room * sizeof *larger);
    if (larger == NULL) return false;
    heap = larger;
    heap_room = room;
  }
  heap[heap_count] = waiting;
  waiting->place = heap_count++;
  sift_up(waiting->place);
  if (waiting->done == NULL) {
    struct waiting **link = bucket_of(waiting->request.header.unique);
    waiting->next = *link;
    *link = waiting;
  }
  return true;
}

static void destroy(struct waiting *waiting) {
  if (waiting->map != NULL) munmap(waiting->map, REQUEST_BUFFER);
  free(waiting);
}

static void go_on(struct waiting *waiting, struct worker *worker) {
  if (waiting->done != NULL) {
    waiting->done(waiting->argument);
  } else {
    waiting->request.worker = worker;
    waiting->request.parked = false;
    dispatch(&waiting->request);
  }
  destroy(waiting);
}

// Takes what is due next; waits until there is something.
static struct waiting *take_due_locked(void) {
  for (;;) {
    if (heap_count > 0 && heap[0]->deadline_ns <= now_ns()) {
      struct waiting *due = heap[0];
      remove_locked(due);
      if (heap_count > 0 && !has_leader) pthread_cond_signal(&changed);
      return due;
    }
    if (heap_count == 0 || has_leader) {
      pthread_cond_wait(&changed, &lock);
      continue;
    }
    has_leader = true;
    uint64_t deadline = heap[0]->deadline_ns;
    struct timespec until = {(time_t)(deadline / 1000000000), (long)(deadline % 1000000000)};
    pthread_cond_timedwait(&changed, &lock, &until);
    has_leader = false;
  }
}

static void *resume_loop(void *argument) {
  struct worker *worker = argument;
  dispatch_prepare_thread();
  for (;;) {
    pthread_mutex_lock(&lock);
    struct waiting *due = take_due_locked();
    pthread_mutex_unlock(&lock);
    go_on(due, worker);
  }
  return NULL;
}

// The threads are made when the first request waits: without delays there are none.
static bool start_threads_locked(void) {
  if (threads == 0) condition_start(&changed);
  while (threads < RESUMERS_MAX && worker_start(session.device, false, resume_loop)) threads++;
  return threads > 0;
}

static bool was_interrupted_locked(uint64_t unique) {
  for (unsigned i = 0; i < EARLY; i++) {
    if (early[i] == unique) return true;
  }
  return false;
}

static struct waiting *keep(struct request *request) {
  size_t size = request->args_size;
  bool copied = size <= COPIED_MAX;
  struct waiting *waiting = malloc(sizeof *waiting + (copied ? size : 0));
  if (waiting == NULL) return NULL;
  *waiting = (struct waiting){.request = *request,
                              .deadline_ns = now_ns() + request->verdict.delay_ns};
  waiting->request.verdict.delay_ns = 0;
  if (copied) {
    memcpy(waiting->copy, request->args, size);
    waiting->request.args = waiting->copy;
    return waiting;
  }
  char *fresh = mmap(NULL, REQUEST_BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0);
  if (fresh == MAP_FAILED) {
    free(waiting);
    return NULL;
  }
  waiting->map = request->worker->request_map;
  request->worker->request_map = fresh;
  return waiting;
}

bool park(struct request *request) {
  uint64_t unique = request->header.unique;
  struct waiting *waiting = keep(request);
  if (waiting == NULL) return false;
  pthread_mutex_lock(&lock);
  bool interrupted = was_interrupted_locked(unique);
  bool kept = !interrupted && start_threads_locked() && insert_locked(waiting);
  if (kept) pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  if (kept) {
    request->parked = true;
    return true;
  }
  if (interrupted) {
    reply_error(request, EINTR);
  } else {
    // The worker's old buffer still holds the arguments: it must stay the worker's.
    log_hit("a request could not be delayed: %u wait already", WAITING_MAX);
    if (waiting->map != NULL) {
      char *fresh = request->worker->request_map;
      request->worker->request_map = waiting->map;
      waiting->map = fresh;
    }
  }
  destroy(waiting);
  return interrupted;
}

bool call_later(uint64_t delay_ns, void (*done)(void *argument), void *argument) {
  struct waiting *waiting = malloc(sizeof *waiting);
  if (waiting == NULL) return false;
  *waiting = (struct waiting){.done = done, .argument = argument,
                              .deadline_ns = now_ns() + delay_ns};
  pthread_mutex_lock(&lock);
  bool kept = start_threads_locked() && insert_locked(waiting);
  if (kept) pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  if (!kept) free(waiting);
  return kept;
}

void park_interrupt(uint64_t unique) {
  pthread_mutex_lock(&lock);
  struct waiting *waiting = *bucket_of(unique);
  while (waiting != NULL && waiting->request.header.unique != unique) waiting = waiting->next;
  if (waiting != NULL) {
    remove_locked(waiting);
  } else {
    early[early_next++ % EARLY] = unique;
  }
  pthread_mutex_unlock(&lock);
  if (waiting == NULL) return;
  reply_error(&waiting->request, EINTR);
  destroy(waiting);
}

void park_release(bool (*is_set)(uint64_t identity, void *context), void *context) {
  pthread_mutex_lock(&lock);
  bool any = false;
  for (size_t i = 0; i < heap_count; i++) {
    if (heap[i]->done != NULL) continue;
    if (is_set(heap[i]->request.verdict.delay_fault, context)) continue;
    heap[i]->deadline_ns = 0;
    any = true;
  }
  for (size_t i = heap_count / 2 + 1; any && i-- > 0;) {
    if (i < heap_count) sift_down(i);
  }
  if (any) pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static bool never(uint64_t identity, void *context) {
  (void)identity;
  (void)context;
  return false;
}

void park_release_all(void) {
  park_release(never, NULL);
}

uint64_t park_count(void) {
  pthread_mutex_lock(&lock);
  uint64_t count = 0;
  for (size_t i = 0; i < heap_count; i++) count += heap[i]->done == NULL;
  pthread_mutex_unlock(&lock);
  return count;
}
