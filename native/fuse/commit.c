// One document at a time: parse, publish, let go of delayed requests whose fault is gone, have the
// kernel drop what it cached of files whose faults changed, and only then answer the writer.
#include "commit.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "notify.h"
#include "space.h"
#include "timers.h"
#include "unsynced.h"

#define ANSWER_AT_LATEST_NS UINT64_C(2000000000)
static const char no_faults[] = "{\"faults\":[]}";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;  // one commit at a time
static pthread_mutex_t text_lock = PTHREAD_MUTEX_INITIALIZER;
static struct fault_list *in_force;
static uint64_t generation, accepted_ns, last_crash;
static struct crash_result last_lost;
static char error_text[REASON_SIZE + 2];

static void set_error(const char *text) {
  pthread_mutex_lock(&text_lock);
  snprintf(error_text, sizeof error_text, "%s%s", text, text[0] == '\0' ? "" : "\n");
  pthread_mutex_unlock(&text_lock);
}

static int refuse(enum document_verdict verdict, const char *reason) {
  set_error(reason);
  log_event("refused a control document: %s", reason);
  return verdict == DOCUMENT_TOO_LARGE ? EFBIG : EINVAL;
}

// The inodes whose cached pages or names a change of the list makes wrong.
struct affected {
  const struct fault_list *before, *after;
  struct notify_item *items;
  size_t count, room;
};

static struct notify_item *add_item(struct affected *affected) {
  if (affected->count == affected->room) {
    size_t room = affected->room == 0 ? 64 : affected->room * 2;
    struct notify_item *larger = realloc(affected->items, room * sizeof *larger);
    if (larger == NULL) return NULL;
    affected->items = larger;
    affected->room = room;
  }
  struct notify_item *item = &affected->items[affected->count++];
  *item = (struct notify_item){0};
  return item;
}

static bool any_matches(const struct fault_list *list, uint64_t ops, const char *path) {
  if (list == NULL || (list->ops & ops) == 0) return false;
  struct match_path match = match_path_of(path);
  for (size_t i = 0; i < list->count; i++) {
    if ((list->faults[i].ops & ops) != 0 && fault_matches(&list->faults[i], &match)) return true;
  }
  return false;
}

static void visit_handle(struct handle *handle, void *context) {
  struct affected *affected = context;
  if (!any_matches(affected->before, OPS_DATA, handle->path) &&
      !any_matches(affected->after, OPS_DATA, handle->path)) {
    return;
  }
  uint64_t id = handle->inode->id;
  for (size_t i = affected->count; i-- > 0 && affected->count - i < 32;) {
    if (affected->items[i].nodeid == id) return;
  }
  struct notify_item *item = add_item(affected);
  if (item != NULL) item->nodeid = id;
}

static void visit_inode(struct inode *inode, const char *path, void *context) {
  struct affected *affected = context;
  if (inode->parent == NULL) return;
  if (!any_matches(affected->before, OPS_CACHED, path) &&
      !any_matches(affected->after, OPS_CACHED, path)) {
    return;
  }
  struct notify_item *item = add_item(affected);
  if (item == NULL) return;
  *item = (struct notify_item){.nodeid = inode->id, .names = true, .parent = inode->parent->id,
                               .name = strdup(inode->name)};
}

static struct affected find_affected(const struct fault_list *before,
                                     const struct fault_list *after) {
  struct affected affected = {.before = before, .after = after};
  uint64_t ops = after->ops | (before == NULL ? 0 : before->ops);
  if ((ops & OPS_DATA) != 0) handle_each(visit_handle, &affected);
  if ((ops & OPS_CACHED) != 0) inode_each(visit_inode, &affected);
  return affected;
}

static bool is_set(uint64_t identity, void *context) {
  const struct fault_list *list = context;
  for (size_t i = 0; i < list->count; i++) {
    if (list->faults[i].identity == identity) return true;
  }
  return false;
}

// A writer that waits for the kernel's caches, but not for ever: either end may come first.
struct waiting_flush {
  int device;
  uint64_t unique;
  _Atomic bool answered;
  _Atomic int references;
};

static void flush_end(void *argument) {
  struct waiting_flush *flush = argument;
  if (!atomic_exchange(&flush->answered, true)) reply_late(flush->device, flush->unique, 0);
  if (atomic_fetch_sub(&flush->references, 1) == 1) free(flush);
}

// Has the kernel told, and the writer answered after it; false when the caller must answer.
static bool invalidate(struct affected *affected, struct request *request) {
  struct waiting_flush *flush = request == NULL ? NULL : malloc(sizeof *flush);
  if (flush != NULL) {
    *flush = (struct waiting_flush){.device = request->device,
                                    .unique = request->header.unique,
                                    .references = 2};
  }
  if (!notify_inodes(affected->items, affected->count, flush == NULL ? NULL : flush_end, flush)) {
    free(flush);
    return false;
  }
  if (flush == NULL) return false;
  request->parked = true;
  if (!call_later(ANSWER_AT_LATEST_NS, flush_end, flush)) flush_end(flush);
  return true;
}

static void visit_any_inode(struct inode *inode, const char *path, void *context) {
  (void)path;
  struct notify_item *item = inode->parent == NULL ? NULL : add_item(context);
  if (item == NULL) return;
  *item = (struct notify_item){.nodeid = inode->id, .names = true, .parent = inode->parent->id,
                               .name = strdup(inode->name)};
}

// The crash that a document asks for happens before its faults are in force. False when there is
// nothing to lose.
static bool crash_first(const struct fault_list *list, struct affected *everything) {
  if (list->crash_id == 0 || list->crash_id == last_crash) return true;
  if (!unsynced_is_armed()) return false;
  bool torn = false;
  for (size_t i = 0; i < in_force->count; i++) torn = torn || in_force->faults[i].torn;
  struct crash_result lost = unsynced_crash(torn, mix64(session.options.seed + list->crash_id));
  last_crash = list->crash_id;
  last_lost = lost;
  log_event("crash %llu: put back files=%llu entries=%llu, ended handles=%llu",
            (unsigned long long)last_crash, (unsigned long long)lost.files,
            (unsigned long long)lost.entries, (unsigned long long)lost.handles);
  inode_each(visit_any_inode, everything);
  return true;
}

static void put_into_force(struct fault_list *list, struct affected *crashed,
                           struct request *flush) {
  list->generation = ++generation;
  struct fault_list *before = in_force;
  fault_states_carry_over(list, before);
  space_prepare(list);
  pthread_mutex_lock(&text_lock);
  in_force = list;
  accepted_ns = wall_ns();
  error_text[0] = '\0';
  pthread_mutex_unlock(&text_lock);
  // Files are looked for after the list is in force, so that none is opened in between; the old
  // list lives until the next commit at least.
  faults_publish(list);
  struct affected affected = crashed->count > 0 ? *crashed : find_affected(before, list);
  faults_retire(before);
  park_release(is_set, list);
  log_event("faults=%zu generation=%llu now in force: %s", list->count,
            (unsigned long long)list->generation, list->text);
  if (list->warnings != NULL) log_event("warning: %s", list->warnings);
  if (affected.count == 0 || !invalidate(&affected, flush)) {
    if (affected.count == 0) free(affected.items);
  }
}

static bool is_in_force(const char *text, size_t size) {
  return in_force->text_size == size && memcmp(in_force->text, text, size) == 0;
}

static int prepare(const struct fault_list *list, struct affected *crashed) {
  char reason[REASON_SIZE];
  if (!crash_first(list, crashed)) {
    return refuse(DOCUMENT_INVALID, "crash: nothing is tracked; set a lose_unsynced fault before, "
                                    "or mount with --track-unsynced");
  }
  int error = unsynced_arm(list);
  if (error == 0) return 0;
  snprintf(reason, sizeof reason, "what is not synced cannot be tracked: %s", strerror(error));
  return refuse(DOCUMENT_INVALID, reason);
}

int commit(const char *text, size_t size, struct request *flush) {
  char reason[REASON_SIZE];
  struct fault_list *list;
  int error = 0;
  pthread_mutex_lock(&lock);
  if (is_in_force(text, size)) {
    set_error("");
  } else {
    enum document_verdict verdict = document_read(text, size, &list, reason);
    if (verdict != DOCUMENT_OK) {
      error = refuse(verdict, reason);
    } else {
      struct affected crashed = {0};
      error = prepare(list, &crashed);
      if (error == 0) put_into_force(list, &crashed, flush);
      else faults_free(list);
    }
  }
  pthread_mutex_unlock(&lock);
  return error;
}

int commit_check(const char *text, size_t size) {
  char reason[REASON_SIZE];
  struct fault_list *list;
  enum document_verdict verdict = document_read(text, size, &list, reason);
  if (verdict == DOCUMENT_MALFORMED) return 0;  // perhaps there is more to come
  if (verdict != DOCUMENT_OK) return refuse(verdict, reason);
  faults_free(list);
  return 0;
}

int commit_refuse_too_long(void) {
  char reason[REASON_SIZE];
  snprintf(reason, sizeof reason, "the document is longer than %u bytes", DOCUMENT_MAX);
  return refuse(DOCUMENT_TOO_LARGE, reason);
}

bool commit_start(void) {
  char reason[REASON_SIZE];
  enum document_verdict verdict =
      document_read(no_faults, sizeof no_faults - 1, &in_force, reason);
  if (verdict != DOCUMENT_OK) return false;
  in_force->generation = ++generation;
  accepted_ns = wall_ns();
  faults_publish(in_force);
  return unsynced_arm(in_force) == 0;
}

static char *copy_of(const char *text, size_t length, size_t *size) {
  char *copy = malloc(length + 1);
  if (copy != NULL) memcpy(copy, text, length);
  *size = copy == NULL ? 0 : length;
  return copy;
}

char *commit_text(size_t *size) {
  pthread_mutex_lock(&text_lock);
  char *copy = copy_of(in_force->text, in_force->text_size, size);
  pthread_mutex_unlock(&text_lock);
  return copy;
}

char *commit_error(size_t *size) {
  pthread_mutex_lock(&text_lock);
  char *copy = copy_of(error_text, strlen(error_text), size);
  pthread_mutex_unlock(&text_lock);
  return copy;
}

uint64_t commit_last_crash(struct crash_result *lost) {
  pthread_mutex_lock(&lock);
  uint64_t id = last_crash;
  *lost = last_lost;
  pthread_mutex_unlock(&lock);
  return id;
}

size_t commit_text_size(void) {
  pthread_mutex_lock(&text_lock);
  size_t size = in_force->text_size;
  pthread_mutex_unlock(&text_lock);
  return size;
}

size_t commit_error_size(void) {
  pthread_mutex_lock(&text_lock);
  size_t size = strlen(error_text);
  pthread_mutex_unlock(&text_lock);
  return size;
}

uint64_t commit_time_ns(void) {
  pthread_mutex_lock(&text_lock);
  uint64_t time = accepted_ns;
  pthread_mutex_unlock(&text_lock);
  return time;
}

void commit_inspect(void (*visit)(const struct fault_list *list, void *context), void *context) {
  pthread_mutex_lock(&lock);
  visit(in_force, context);
  pthread_mutex_unlock(&lock);
}
