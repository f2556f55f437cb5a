// Evaluates the list for one request: the first fault that matches and fires wins. Readers take no
// lock: each names the list that it reads in its own worker structure, and a list is freed when it
// is neither in force nor named.
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errno-names.h"
#include "log.h"
#include "process.h"
#include "space.h"
#include "timers.h"

static _Atomic(struct fault_list *) current;
static _Atomic uint64_t current_ops;
static struct fault_list *retired;

struct fault_list *faults_enter(struct worker *worker) {
  for (;;) {
    struct fault_list *list = atomic_load(&current);
    atomic_store(&worker->hazard, list);
    if (atomic_load(&current) == list) return list;
  }
}

void faults_leave(struct worker *worker) {
  atomic_store_explicit(&worker->hazard, NULL, memory_order_release);
}

static bool is_read(const struct fault_list *list) {
  for (size_t i = 0; i < WORKERS_MAX + RESUMERS_MAX; i++) {
    if (atomic_load(&session.workers[i].hazard) == list) return true;
  }
  return false;
}

void faults_publish(struct fault_list *list) {
  atomic_store(&current, list);
  atomic_store(&current_ops, list->ops);
}

void faults_retire(struct fault_list *list) {
  list->retired = retired;
  retired = list;
  for (struct fault_list **link = &retired; *link != NULL;) {
    struct fault_list *candidate = *link;
    if (is_read(candidate)) {
      link = &candidate->retired;
      continue;
    }
    *link = candidate->retired;
    faults_free(candidate);
  }
}

bool faults_touch(enum operation op) {
  return (atomic_load_explicit(&current_ops, memory_order_relaxed) & OP_BIT(op)) != 0;
}

bool faults_reach(struct worker *worker, uint64_t ops, const char *path) {
  if ((atomic_load_explicit(&current_ops, memory_order_relaxed) & ops) == 0) return false;
  struct match_path match = match_path_of(path);
  struct fault_list *list = faults_enter(worker);
  bool found = false;
  for (size_t i = 0; !found && (i = fault_next(list, i, &match)) < list->count; i++) {
    found = (list->faults[i].ops & ops) != 0 && fault_matches(&list->faults[i], &match);
  }
  faults_leave(worker);
  return found;
}

uint64_t mix64(uint64_t value) {
  value += UINT64_C(0x9e3779b97f4a7c15);
  value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
  return value ^ (value >> 31);
}

static uint64_t draw_seed(size_t index, uint64_t n, uint64_t salt) {
  return mix64(mix64(mix64(session.options.seed ^ salt) + index) + n);
}

double fault_draw(const struct fault *fault, size_t index, uint64_t n, uint64_t salt) {
  (void)fault;
  return (double)(draw_seed(index, n, salt) >> 11) * 0x1p-53;
}

// A handle's path never changes, so the first fault that can match it is looked for once for each
// list: 40 bits of generation, 24 of index + 1; the last index means none.
#define CACHE_NONE 0xffffffu

static size_t first_candidate(const struct fault_list *list, struct handle *handle,
                              const char *path) {
  uint64_t cached = atomic_load_explicit(&handle->match, memory_order_relaxed);
  uint64_t generation = list->generation & UINT64_C(0xffffffffff);
  if (cached >> 24 == generation && cached != 0) {
    uint64_t index = cached & CACHE_NONE;
    return index == CACHE_NONE ? list->count : index;
  }
  struct match_path match = match_path_of(path);
  size_t first = fault_next(list, 0, &match);
  while (first < list->count && !fault_matches(&list->faults[first], &match)) {
    first = fault_next(list, first + 1, &match);
  }
  uint64_t index = first == list->count ? CACHE_NONE : first;
  atomic_store_explicit(&handle->match, generation << 24 | index, memory_order_relaxed);
  return first;
}

// What one evaluation knows, so that costly parts are found out once and only when asked for.
struct scan {
  struct request *request;
  enum operation op;
  struct match_path path;
  struct handle *handle;
  uint64_t offset, size;
  bool asked_process, has_process;
  struct process process;
};

static bool process_matches(struct scan *scan, const struct fault *fault) {
  if (fault->pid < 0 && fault->comm.at == NULL) return true;
  if (!scan->asked_process) {
    scan->asked_process = true;
    scan->has_process = process_of(scan->request->header.pid, &scan->process);
  }
  if (!scan->has_process) return false;
  const struct process *process = &scan->process;
  if (fault->pid >= 0 && fault->pid != process->pid &&
      fault->pid != scan->request->header.pid) {
    return false;
  }
  if (fault->comm.at == NULL) return true;
  return strcmp(process->comm, fault->comm.at) == 0 ||
         strcmp(process->thread, fault->comm.at) == 0;
}

static bool range_matches(const struct scan *scan, const struct fault *fault) {
  if (scan->size < fault->min_size || scan->size > fault->max_size) return false;
  uint64_t end = scan->offset + (scan->size > 0 ? scan->size - 1 : 0);
  return end >= fault->min_offset && scan->offset <= fault->max_offset;
}

static bool matches(struct scan *scan, const struct fault *fault) {
  if ((fault->ops & OP_BIT(scan->op)) == 0) return false;
  if (fault->uid >= 0 && fault->uid != scan->request->header.uid) return false;
  if (!range_matches(scan, fault)) return false;
  return fault_matches(fault, &scan->path) && process_matches(scan, fault);
}

// A fault that matches may still leave the request alone: by draw, by count, by time.
static bool fires(struct fault *fault, size_t index, uint64_t n) {
  if (fault->duration_ns > 0 && now_ns() - fault->state->set_ns > fault->duration_ns) return false;
  if (n < fault->after || (n - fault->after) % fault->every != fault->every - 1) return false;
  if (fault->probability < 1 &&
      fault_draw(fault, index, n, 0) >= fault->probability) {
    return false;
  }
  if (fault->count < 0) return true;
  int64_t left = atomic_load(&fault->state->left);
  while (left > 0) {
    if (atomic_compare_exchange_weak(&fault->state->left, &left, left - 1)) return true;
  }
  return false;
}

static uint64_t delay_ns(const struct fault *fault, size_t index, uint64_t n) {
  double u = fault_draw(fault, index, n, 1), ms = fault->delay_ms;
  switch (fault->distribution) {
    case DIST_FIXED:
      break;
    case DIST_UNIFORM:
      ms += fault->jitter_ms * (2 * u - 1);
      break;
    case DIST_NORMAL:
      ms += fault->jitter_ms * sqrt(-2 * log(1 - u)) *
            cos(6.283185307179586 * fault_draw(fault, index, n, 2));
      break;
    case DIST_PARETO:
      ms *= pow(1 - u, -1 / fault->shape);
      break;
  }
  const double day_ms = 86400000;
  double most = fault->max_ms > 0 ? fault->max_ms : fault->distribution == DIST_FIXED ? ms : day_ms;
  if (!(ms > 0)) return 0;
  return (uint64_t)((ms < most ? ms : most) * 1e6);
}

// Requests queue up behind each other as on a slow link.
static uint64_t bandwidth_ns(struct fault *fault, uint64_t size) {
  uint64_t cost = (uint64_t)((double)size / fault->bytes_per_sec * 1e9), now = now_ns();
  uint64_t next = atomic_load(&fault->state->next_free_ns), start;
  do {
    start = next > now ? next : now;
  } while (!atomic_compare_exchange_weak(&fault->state->next_free_ns, &next, start + cost));
  return start + cost - now;
}

static bool corrupt_counts_down(struct fault *fault, struct verdict *verdict) {
  int64_t left = atomic_load(&fault->state->left);
  if (left < 0 || fault->type > FAULT_WRITE_CORRUPT) return false;
  while (left > 0) {
    if (atomic_compare_exchange_weak(&fault->state->left, &left, left - 1)) return false;
  }
  verdict->mode = CORRUPT_CUT;  // as Kibosh: after its count such a fault cuts for good
  return true;
}

static bool failed_sync(struct scan *scan, struct fault *fault, struct verdict *verdict) {
  verdict->action = ACT_LIE;
  if (scan->handle == NULL || scan->handle->inode == NULL) return true;
  uint64_t before = atomic_exchange(&scan->handle->inode->sync_failed_by, fault->identity);
  if (before != fault->identity) {
    verdict->action = ACT_FAIL_SYNC;
    verdict->error = fault->error;
  }
  return true;
}

static bool opens_to_write(const struct scan *scan) {
  const struct fuse_open_in *in = args_struct(scan->request, sizeof *in);
  return in != NULL && ((in->flags & O_ACCMODE) != O_RDONLY || (in->flags & O_TRUNC) != 0);
}

// Sets what the fault does; false when it has nothing to do with this request after all.
static bool apply(struct scan *scan, struct fault *fault, size_t index, uint64_t n,
                  struct verdict *verdict) {
  uint64_t delay = 0;
  verdict->seed = draw_seed(index, n, 3);
  verdict->fraction = fault->fraction;
  verdict->mode = fault->mode;
  verdict->error = fault->error;
  verdict->limit = fault->limit;
  switch (fault->type) {
    case FAULT_READ_DELAY:
    case FAULT_WRITE_DELAY:
    case FAULT_DELAY:
      delay = delay_ns(fault, index, n);
      break;
    case FAULT_BANDWIDTH:
      delay = bandwidth_ns(fault, scan->size);
      break;
    case FAULT_READ_CORRUPT:
    case FAULT_WRITE_CORRUPT:
    case FAULT_CORRUPT:
      verdict->action = ACT_CORRUPT;
      corrupt_counts_down(fault, verdict);
      break;
    case FAULT_SHORT:
      verdict->action = ACT_SHORT;
      return scan->size > fault->limit;
    case FAULT_BIT_ROT:
      verdict->action = ACT_ROT;
      verdict->seed = draw_seed(index, 0, 4);  // the same places each time
      break;
    case FAULT_FAILED_SYNC:
      return failed_sync(scan, fault, verdict);
    case FAULT_OPEN_LIMIT:
      verdict->action = ACT_ERROR;
      return handle_count() >= fault->limit;
    case FAULT_READ_ONLY:
      verdict->action = ACT_ERROR;
      return scan->op != OP_OPEN || opens_to_write(scan);
    case FAULT_FULL_DISK:
      return space_refuses(fault, scan->op, scan->handle, scan->offset, scan->size, verdict);
    default:
      verdict->action = ACT_ERROR;
  }
  if (delay > 0) {
    verdict->delay_ns += delay;
    verdict->delay_fault = fault->identity;
  }
  return true;
}

static const char *result_of(const struct verdict *verdict, char *buffer, size_t size) {
  switch (verdict->action) {
    case ACT_NONE:
      snprintf(buffer, size, "delayed by %.3f ms", (double)verdict->delay_ns / 1e6);
      return buffer;
    case ACT_ERROR:
    case ACT_FAIL_SYNC: {
      const char *name = errno_name(verdict->error);
      snprintf(buffer, size, "failed with %s (%d)", name == NULL ? "error" : name,
               verdict->error);
      return buffer;
    }
    case ACT_CORRUPT:
      snprintf(buffer, size, "corrupted, mode %d", verdict->mode);
      return buffer;
    case ACT_SHORT:
      snprintf(buffer, size, "cut to %llu bytes", (unsigned long long)verdict->limit);
      return buffer;
    case ACT_ROT:
      return "read through bit rot";
    case ACT_LIE:
      return "reported success without syncing";
  }
  return "";
}

static void log_decision(const struct scan *scan, const struct fault *fault, size_t index,
                         uint64_t n, const struct verdict *verdict) {
  char result[64];
  log_hit("fault=%zu type=%s match=%llu op=%s path=%s offset=%llu size=%llu pid=%u result=%s",
          index, fault_type_names[fault->type], (unsigned long long)n, operation_name(scan->op),
          scan->path.text, (unsigned long long)scan->offset, (unsigned long long)scan->size,
          scan->request->header.pid, result_of(verdict, result, sizeof result));
}

static void scan_list(struct scan *scan, const struct fault_list *list, struct verdict *verdict) {
  size_t index = scan->handle == NULL ? 0 : first_candidate(list, scan->handle, scan->path.text);
  for (; (index = fault_next(list, index, &scan->path)) < list->count; index++) {
    struct fault *fault = &list->faults[index];
    if (!matches(scan, fault)) continue;
    uint64_t n = atomic_fetch_add(&fault->state->matched, 1);
    if (!fires(fault, index, n)) continue;
    struct verdict before = *verdict;
    if (!apply(scan, fault, index, n, verdict)) {
      *verdict = before;
      continue;
    }
    atomic_fetch_add(&fault->state->applied, 1);
    atomic_store_explicit(&fault->state->last_hit_ns, wall_ns(), memory_order_relaxed);
    log_decision(scan, fault, index, n, verdict);
    if (!fault->goes_on) return;
  }
}

void faults_decide(struct request *request, enum operation op, const char *path,
                   struct handle *handle, uint64_t offset, uint64_t size) {
  request->op = op;
  if (request->verdict.decided) return;
  request->verdict.decided = true;
  if (!faults_touch(op) || path[0] == '\0') return;
  struct fault_list *list = faults_enter(request->worker);
  struct scan scan = {.request = request, .op = op, .path = match_path_of(path), .handle = handle,
                      .offset = offset, .size = size};
  scan_list(&scan, list, &request->verdict);
  faults_leave(request->worker);
}

bool faults_gate(struct request *request, enum operation op, const char *path,
                 struct handle *handle, uint64_t offset, uint64_t size) {
  faults_decide(request, op, path, handle, offset, size);
  if (request->verdict.delay_ns > 0 && park(request)) return true;
  if (request->verdict.action != ACT_ERROR) return false;
  reply_error(request, request->verdict.error);
  return true;
}
