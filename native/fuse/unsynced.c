// Puts the two logs together: one lock for both, numbers that order everything, the scope, and the
// crash. A worker holds `world` while it changes something, a crash holds it alone.
#include "unsynced.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "entry-log.h"
#include "log.h"
#include "pre-images.h"

static pthread_rwlock_t world = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic bool armed;
static uint64_t numbers;

// Copies of the faults that ask for tracking; only where they apply is used. NULL: everywhere.
static struct fault *scope;
static size_t scope_count;
static bool everywhere;

bool unsynced_is_armed(void) {
  return atomic_load_explicit(&armed, memory_order_relaxed);
}

bool unsynced_enter(void) {
  if (!unsynced_is_armed()) return false;
  pthread_rwlock_rdlock(&world);
  return true;
}

void unsynced_leave(bool entered) {
  if (entered) pthread_rwlock_unlock(&world);
}

static void free_scope(void) {
  for (size_t i = 0; i < scope_count; i++) {
    free((void *)(uintptr_t)scope[i].prefix.at);
    free((void *)(uintptr_t)scope[i].suffix.at);
    free((void *)(uintptr_t)scope[i].glob.at);
  }
  free(scope);
  scope = NULL;
  scope_count = 0;
}

static struct text copy_text(const struct text *text) {
  char *copy = text->at == NULL ? NULL : malloc(text->length + 1);
  if (copy == NULL) return (struct text){NULL, 0};
  memcpy(copy, text->at, text->length);
  copy[text->length] = '\0';
  return (struct text){copy, text->length};
}

static bool tracks(const struct fault *fault) {
  return fault->type == FAULT_LOSE_UNSYNCED || fault->type == FAULT_FAILED_SYNC;
}

static void set_scope(const struct fault_list *list) {
  free_scope();
  everywhere = session.options.track_unsynced;
  scope = calloc(list->count + 1, sizeof *scope);
  for (size_t i = 0; scope != NULL && i < list->count; i++) {
    const struct fault *fault = &list->faults[i];
    if (!tracks(fault)) continue;
    struct fault *copy = &scope[scope_count++];
    copy->prefix = copy_text(&fault->prefix);
    copy->suffix = copy_text(&fault->suffix);
    copy->glob = copy_text(&fault->glob);
  }
}

static bool in_scope(const char *path) {
  if (everywhere) return true;
  for (size_t i = 0; i < scope_count; i++) {
    if (fault_path_matches(&scope[i], path)) return true;
  }
  return false;
}

static int sync_target(void) {
  int fd = openat(session.target_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  int error = syncfs(fd) < 0 ? errno : 0;
  close(fd);
  return error;
}

int unsynced_arm(const struct fault_list *list) {
  bool wanted = session.options.track_unsynced;
  for (size_t i = 0; i < list->count; i++) wanted = wanted || tracks(&list->faults[i]);
  if (!wanted && !unsynced_is_armed()) return 0;
  pthread_rwlock_wrlock(&world);
  pthread_mutex_lock(&lock);
  int error = 0;
  bool fresh = wanted && !unsynced_is_armed();
  if (fresh) error = pre_images_start(session.target_fd);
  if (fresh && error == 0) error = entry_log_start(session.target_fd);
  if (fresh && error == 0) error = sync_target();
  if (error == 0) {
    set_scope(list);
    if (!wanted) {
      pre_images_forget_all();
      entry_log_end(session.target_fd);
    }
    atomic_store(&armed, wanted);
  }
  pthread_mutex_unlock(&lock);
  pthread_rwlock_unlock(&world);
  return error;
}

static void kill_handle(struct handle *handle, void *context) {
  uint64_t *count = context;
  if (!in_scope(handle->path)) return;
  if (!atomic_exchange(&handle->dead, true)) (*count)++;
}

struct crash_result unsynced_crash(bool torn, uint64_t seed) {
  struct crash_result result = {0};
  pthread_rwlock_wrlock(&world);
  pthread_mutex_lock(&lock);
  handle_each(kill_handle, &result.handles);
  result.files = pre_images_restore_all(torn, seed);
  result.entries = entry_log_undo_all();
  int error = sync_target();
  if (error != 0) log_event("syncing after the crash failed: %s", strerror(error));
  pthread_mutex_unlock(&lock);
  pthread_rwlock_unlock(&world);
  return result;
}

static int keep(struct inode *inode, const char *path, uint64_t from, uint64_t to) {
  if (!S_ISREG(inode->mode)) return 0;
  pthread_mutex_lock(&lock);
  int error = in_scope(path) ? pre_image_keep(inode, from, to) : 0;
  pthread_mutex_unlock(&lock);
  return error;
}

int unsynced_before_write(struct request *request, struct handle *handle, uint64_t offset,
                          uint64_t size) {
  (void)request;
  struct stat status;
  if (!unsynced_is_armed() || size == 0) return 0;
  if ((handle->flags & O_APPEND) != 0 && fstat(handle->fd, &status) == 0) {
    offset = (uint64_t)status.st_size < offset ? (uint64_t)status.st_size : offset;
  }
  return keep(handle->inode, handle->path, offset, offset + size);
}

int unsynced_before_truncate(struct request *request, struct inode *inode, uint64_t size) {
  (void)request;
  char path[PATH_SIZE];
  if (!unsynced_is_armed()) return 0;
  inode_path(inode, path);
  return keep(inode, path, size, UINT64_MAX);
}

uint64_t unsynced_begin_sync(struct inode *inode) {
  if (!unsynced_is_armed()) return 0;
  pthread_mutex_lock(&lock);
  uint64_t number = ++numbers;
  pre_image_begin_sync(inode, number);
  pthread_mutex_unlock(&lock);
  return number;
}

void unsynced_synced(struct inode *inode, uint64_t begun) {
  if (begun == 0 || !unsynced_is_armed()) return;
  pthread_mutex_lock(&lock);
  pre_image_synced(inode, begun);
  entry_log_synced(inode, begun);
  pthread_mutex_unlock(&lock);
}

void unsynced_drop(struct inode *inode) {
  if (!unsynced_is_armed()) return;
  pthread_mutex_lock(&lock);
  pre_image_restore(inode, false, 0);
  pthread_mutex_unlock(&lock);
}

static bool entry_in_scope(struct inode *parent, const char *name) {
  char path[PATH_SIZE];
  inode_entry_path(parent, name, path);
  return in_scope(path);
}

int unsynced_unlinkat(struct inode *parent, const char *name, int flags) {
  if (!unsynced_is_armed()) return unlinkat(parent->fd, name, flags) < 0 ? errno : 0;
  pthread_mutex_lock(&lock);
  int error;
  if (entry_in_scope(parent, name)) {
    error = entry_log_unlink(parent, name, flags, ++numbers);
  } else {
    error = unlinkat(parent->fd, name, flags) < 0 ? errno : 0;
  }
  pthread_mutex_unlock(&lock);
  return error;
}

static int plain_rename(struct inode *from, const char *old_name, struct inode *to,
                        const char *new_name, unsigned flags) {
  long result = syscall(SYS_renameat2, from->fd, old_name, to->fd, new_name, flags);
  return result < 0 ? errno : 0;
}

int unsynced_rename(struct inode *from, const char *old_name, struct inode *to,
                    const char *new_name, unsigned flags) {
  if (!unsynced_is_armed()) return plain_rename(from, old_name, to, new_name, flags);
  pthread_mutex_lock(&lock);
  int error;
  if (entry_in_scope(from, old_name) || entry_in_scope(to, new_name)) {
    error = entry_log_rename(from, old_name, to, new_name, flags, ++numbers);
  } else {
    error = plain_rename(from, old_name, to, new_name, flags);
  }
  pthread_mutex_unlock(&lock);
  return error;
}

void unsynced_made(struct inode *parent, const char *name) {
  if (!unsynced_is_armed()) return;
  pthread_mutex_lock(&lock);
  if (entry_in_scope(parent, name)) entry_log_made(parent, name, ++numbers);
  pthread_mutex_unlock(&lock);
}

bool unsynced_is_own_name(const char *name) {
  return strcmp(name, GRAVEYARD) == 0;
}

void unsynced_clean(void) {
  pthread_mutex_lock(&lock);
  pre_images_forget_all();
  entry_log_forget_all();
  entry_log_clean(session.target_fd);
  pthread_mutex_unlock(&lock);
}
