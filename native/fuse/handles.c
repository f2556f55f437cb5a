// The handle table: an array that only grows, read without a lock; the kernel never uses a handle
// after its release.
#include "handles.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session.h"

#define CHUNK 1024
#define CHUNKS 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(struct handle *) *_Atomic chunks[CHUNKS];
static uint64_t slots_used = 1;
static uint64_t *free_ids;
static size_t free_count, free_room;
static uint64_t total;

static _Atomic(struct handle *) *slot_of(uint64_t id) {
  if (id >= (uint64_t)CHUNK * CHUNKS) return NULL;
  _Atomic(struct handle *) *chunk = atomic_load_explicit(&chunks[id / CHUNK], memory_order_acquire);
  return chunk == NULL ? NULL : &chunk[id % CHUNK];
}

static uint64_t take_id_locked(void) {
  if (free_count > 0) return free_ids[--free_count];
  if (slots_used >= (uint64_t)CHUNK * CHUNKS) return 0;
  if (slot_of(slots_used) == NULL) {
    _Atomic(struct handle *) *chunk = calloc(CHUNK, sizeof *chunk);
    if (chunk == NULL) return 0;
    atomic_store_explicit(&chunks[slots_used / CHUNK], chunk, memory_order_release);
  }
  return slots_used++;
}

static void give_id_locked(uint64_t id) {
  if (free_count == free_room) {
    size_t room = free_room == 0 ? 256 : free_room * 2;
    uint64_t *larger = realloc(free_ids, room * sizeof *larger);
    if (larger == NULL) return;
    free_ids = larger;
    free_room = room;
  }
  free_ids[free_count++] = id;
}

static pthread_mutex_t sharing_lock = PTHREAD_MUTEX_INITIALIZER;

// When descriptors run short, an open file is its inode's descriptor too: the number stays the same
// while what it stands for is exchanged, so that nobody who uses it notices.
static void share_descriptor(struct handle *handle) {
  struct inode *inode = handle->inode;
  if (handle->fd < session.descriptors / 2) return;
  pthread_mutex_lock(&sharing_lock);
  if (!inode->shares_fd && dup3(handle->fd, inode->fd, O_CLOEXEC) >= 0) {
    close(handle->fd);
    handle->fd = inode->fd;
    handle->shares_fd = inode->shares_fd = true;
  }
  pthread_mutex_unlock(&sharing_lock);
}

static void end_sharing(struct handle *handle) {
  struct inode *inode = handle->inode;
  char name[16];
  snprintf(name, sizeof name, "%d", handle->fd);
  pthread_mutex_lock(&sharing_lock);
  int held = openat(session.proc_fd, name, O_PATH | O_CLOEXEC);
  if (held >= 0) {
    dup3(held, inode->fd, O_CLOEXEC);
    close(held);
  }
  inode->shares_fd = false;
  handle->fd = -1;
  pthread_mutex_unlock(&sharing_lock);
}

struct handle *handle_new(enum handle_kind kind, int fd, struct inode *inode, const char *path) {
  struct handle *handle = calloc(1, sizeof *handle);
  char *copy = strdup(path);
  if (handle == NULL || copy == NULL) {
    free(handle);
    free(copy);
    return NULL;
  }
  handle->kind = kind;
  handle->fd = fd;
  handle->inode = inode;
  handle->plain_fd = -1;
  handle->path = copy;
  pthread_mutex_init(&handle->lock, NULL);
  pthread_mutex_lock(&lock);
  handle->id = take_id_locked();
  if (handle->id != 0 && kind == HANDLE_FILE) share_descriptor(handle);
  if (handle->id != 0) {
    atomic_store_explicit(slot_of(handle->id), handle, memory_order_release);
    total++;
  }
  pthread_mutex_unlock(&lock);
  if (handle->id != 0) return handle;
  free(copy);
  free(handle);
  return NULL;
}

struct handle *handle_of(uint64_t id, enum handle_kind kind) {
  _Atomic(struct handle *) *slot = slot_of(id);
  if (slot == NULL) return NULL;
  struct handle *handle = atomic_load_explicit(slot, memory_order_acquire);
  return handle != NULL && handle->kind == kind ? handle : NULL;
}

void handle_free(struct handle *handle) {
  pthread_mutex_lock(&lock);
  atomic_store_explicit(slot_of(handle->id), NULL, memory_order_release);
  give_id_locked(handle->id);
  total--;
  pthread_mutex_unlock(&lock);
  if (handle->shares_fd) end_sharing(handle);
  if (handle->fd >= 0) close(handle->fd);
  int plain = atomic_load(&handle->plain_fd);
  if (plain >= 0) close(plain);
  if (handle->inode != NULL) inode_put(handle->inode);
  pthread_mutex_destroy(&handle->lock);
  free(handle->path);
  free(handle);
}

uint64_t handle_count(void) {
  pthread_mutex_lock(&lock);
  uint64_t count = total;
  pthread_mutex_unlock(&lock);
  return count;
}

void handle_each(void (*visit)(struct handle *handle, void *context), void *context) {
  pthread_mutex_lock(&lock);
  for (uint64_t id = 1; id < slots_used; id++) {
    struct handle *handle = atomic_load_explicit(slot_of(id), memory_order_acquire);
    if (handle != NULL && handle->kind == HANDLE_FILE) visit(handle, context);
  }
  pthread_mutex_unlock(&lock);
}
