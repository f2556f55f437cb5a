// One JSON document: what is in force, how often each fault matched and was applied, what was
// asked of the file system and how long it took.
#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commit.h"
#include "handles.h"
#include "inodes.h"
#include "notify.h"
#include "timers.h"
#include "unsynced.h"

static void put_text(FILE *out, const char *text) {
  fputc('"', out);
  for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') {
      fprintf(out, "\\%c", *c);
    } else if (*c < 0x20) {
      fprintf(out, "\\u%04x", *c);
    } else {
      fputc(*c, out);
    }
  }
  fputc('"', out);
}

static void put_faults(const struct fault_list *list, void *context) {
  FILE *out = context;
  fprintf(out, "\"generation\":%llu,\"faults\":[", (unsigned long long)list->generation);
  for (size_t i = 0; i < list->count; i++) {
    const struct fault *fault = &list->faults[i];
    fprintf(out, "%s{\"type\":\"%s\",\"matched\":%llu,\"applied\":%llu", i == 0 ? "" : ",",
            fault_type_names[fault->type], (unsigned long long)atomic_load(&fault->state->matched),
            (unsigned long long)atomic_load(&fault->state->applied));
    uint64_t hit_ns = atomic_load(&fault->state->last_hit_ns);
    if (hit_ns != 0) fprintf(out, ",\"lastHitMs\":%llu", (unsigned long long)(hit_ns / 1000000));
    int64_t left = atomic_load(&fault->state->left);
    if (left >= 0) fprintf(out, ",\"left\":%lld", (long long)left);
    if (fault->type == FAULT_FULL_DISK) {
      fprintf(out, ",\"bytesLeft\":%lld", (long long)atomic_load(&fault->state->bytes_left));
    }
    fprintf(out, ",\"fault\":%.*s}", (int)fault->raw.length, fault->raw.at);
  }
  fprintf(out, "],\"warnings\":");
  put_text(out, list->warnings == NULL ? "" : list->warnings);
}

struct totals {
  uint64_t count, errors, total_ns, max_ns;
  uint64_t histogram[32];
};

static struct totals sum(enum operation op) {
  struct totals totals = {0};
  for (size_t i = 0; i < WORKERS_MAX + RESUMERS_MAX; i++) {
    struct op_stats *stats = &session.workers[i].stats[op];
    totals.count += atomic_load_explicit(&stats->count, memory_order_relaxed);
    totals.errors += atomic_load_explicit(&stats->errors, memory_order_relaxed);
    totals.total_ns += atomic_load_explicit(&stats->total_ns, memory_order_relaxed);
    uint64_t max_ns = atomic_load_explicit(&stats->max_ns, memory_order_relaxed);
    if (max_ns > totals.max_ns) totals.max_ns = max_ns;
    for (int bin = 0; bin < 32; bin++) {
      totals.histogram[bin] += atomic_load_explicit(&stats->histogram[bin], memory_order_relaxed);
    }
  }
  return totals;
}

static void put_operations(FILE *out) {
  const char *separator = "";
  fprintf(out, "\"operations\":{");
  for (int op = 0; op < OP_COUNT; op++) {
    struct totals totals = sum((enum operation)op);
    if (totals.count == 0) continue;
    fprintf(out, "%s\"%s\":{\"count\":%llu,\"errors\":%llu,", separator,
            operation_name((enum operation)op), (unsigned long long)totals.count,
            (unsigned long long)totals.errors);
    fprintf(out, "\"totalUs\":%llu,\"maxUs\":%llu,\"log2Us\":[",
            (unsigned long long)(totals.total_ns / 1000),
            (unsigned long long)(totals.max_ns / 1000));
    int last = 31;
    while (last > 0 && totals.histogram[last] == 0) last--;
    for (int bin = 0; bin <= last; bin++) {
      fprintf(out, "%s%llu", bin == 0 ? "" : ",", (unsigned long long)totals.histogram[bin]);
    }
    fprintf(out, "]}");
    separator = ",";
  }
  fprintf(out, "}");
}

char *status_text(size_t *size) {
  char *text = NULL;
  FILE *out = open_memstream(&text, size);
  if (out == NULL) {
    *size = 0;
    return NULL;
  }
  fprintf(out, "{\"instance\":\"%016llx\",\"pid\":%d,\"seed\":%llu,",
          (unsigned long long)session.instance, (int)getpid(),
          (unsigned long long)session.options.seed);
  fprintf(out, "\"uptimeMs\":%llu,\"directIo\":%s,",
          (unsigned long long)((now_ns() - session.started_ns) / 1000000),
          session.direct_io ? "true" : "false");
  fprintf(out, "\"passthrough\":%s,\"threads\":%u,\"inodes\":%llu,\"handles\":%llu,",
          session.passthrough ? "true" : "false", atomic_load(&session.worker_count),
          (unsigned long long)inode_count(), (unsigned long long)handle_count());
  fprintf(out, "\"delayed\":%llu,\"pendingInvalidations\":%llu,",
          (unsigned long long)park_count(), (unsigned long long)notify_pending());
  struct crash_result lost;
  uint64_t crash = commit_last_crash(&lost);
  fprintf(out, "\"tracksUnsynced\":%s,\"lastCrash\":%llu,",
          unsynced_is_armed() ? "true" : "false", (unsigned long long)crash);
  fprintf(out, "\"crashedFiles\":%llu,\"crashedEntries\":%llu,\"crashedHandles\":%llu,",
          (unsigned long long)lost.files, (unsigned long long)lost.entries,
          (unsigned long long)lost.handles);
  fprintf(out, "\"target\":");
  put_text(out, session.options.target);
  fprintf(out, ",\"mountpoint\":");
  put_text(out, session.options.mountpoint);
  size_t error_size;
  char *error = commit_error(&error_size);
  if (error != NULL && error_size > 0) error[error_size - 1] = '\0';  // its newline
  fprintf(out, ",\"controlError\":");
  put_text(out, error == NULL || error_size == 0 ? "" : error);
  free(error);
  fprintf(out, ",");
  commit_inspect(put_faults, out);
  fprintf(out, ",");
  put_operations(out);
  fprintf(out, "}\n");
  if (fclose(out) != 0) *size = 0;
  return text;
}
