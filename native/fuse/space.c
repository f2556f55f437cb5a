// Counts bytes that files grow by, which is what fills a disk. Holes that are filled later are not
// counted.
#include "space.h"

#include <fcntl.h>
#include <stdlib.h>

static _Atomic bool limited;

void space_prepare(struct fault_list *list) {
  bool any = false;
  for (size_t i = 0; i < list->count; i++) {
    struct fault *fault = &list->faults[i];
    if (fault->type != FAULT_FULL_DISK) continue;
    any = true;
    if (fault->state->carried) continue;
    uint64_t bytes = fault->limit;
    struct statvfs status;
    if (fault->percent >= 0 && fstatvfs(session.target_fd, &status) == 0) {
      bytes = (uint64_t)((double)status.f_blocks * (double)status.f_frsize * fault->percent / 100);
    }
    atomic_store(&fault->state->bytes_left, (int64_t)(bytes > INT64_MAX ? INT64_MAX : bytes));
  }
  atomic_store(&limited, any);
}

bool space_is_limited(void) {
  return atomic_load_explicit(&limited, memory_order_relaxed);
}

static uint64_t growth(struct handle *handle, uint64_t offset, uint64_t size) {
  struct stat status;
  if (handle == NULL || fstat(handle->fd, &status) < 0) return size;
  uint64_t have = (uint64_t)status.st_size;
  if ((handle->flags & O_APPEND) != 0) return size;
  if (offset + size <= have) return 0;
  return offset >= have ? size : offset + size - have;
}

bool space_refuses(struct fault *fault, enum operation op, struct handle *handle, uint64_t offset,
                   uint64_t size, struct verdict *verdict) {
  if (op == OP_STATFS) return false;
  int64_t left = atomic_load(&fault->state->bytes_left);
  verdict->action = ACT_ERROR;
  verdict->error = fault->error;
  if (op != OP_WRITE && op != OP_FALLOCATE) return left <= 0;
  int64_t need = (int64_t)growth(handle, offset, size);
  for (;;) {
    if (need == 0) return false;
    if (left >= need) {
      if (atomic_compare_exchange_weak(&fault->state->bytes_left, &left, left - need)) return false;
      continue;
    }
    if (left <= 0 || op == OP_FALLOCATE) return true;
    // What still fits is written, as file systems do.
    if (!atomic_compare_exchange_weak(&fault->state->bytes_left, &left, 0)) continue;
    verdict->action = ACT_SHORT;
    verdict->limit = size - (uint64_t)(need - left);
    return true;
  }
}

void space_freed(struct worker *worker, const char *path, uint64_t bytes) {
  struct fault_list *list = faults_enter(worker);
  for (size_t i = 0; i < list->count; i++) {
    struct fault *fault = &list->faults[i];
    if (fault->type == FAULT_FULL_DISK && fault_path_matches(fault, path)) {
      atomic_fetch_add(&fault->state->bytes_left, (int64_t)bytes);
    }
  }
  faults_leave(worker);
}

void space_report(struct worker *worker, struct statvfs *status) {
  struct fault_list *list = faults_enter(worker);
  for (size_t i = 0; i < list->count; i++) {
    struct fault *fault = &list->faults[i];
    if (fault->type != FAULT_FULL_DISK) continue;
    int64_t left = atomic_load(&fault->state->bytes_left);
    uint64_t blocks = left <= 0 ? 0 : (uint64_t)left / status->f_frsize;
    if (status->f_bfree > blocks) status->f_bfree = blocks;
    if (status->f_bavail > blocks) status->f_bavail = blocks;
  }
  faults_leave(worker);
}
