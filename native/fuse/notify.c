// A queue of batches and the thread that works it off.
#include "notify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "protocol.h"
#include "session.h"

struct batch {
  struct batch *next;
  struct notify_item *items;
  size_t count;
  void (*done)(void *argument);
  void *argument;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static struct batch *first, **last = &first;
static uint64_t pending;

static void send_message(int code, const void *data, size_t size, const char *name) {
  struct fuse_out_header head = {.error = code};
  size_t name_size = name == NULL ? 0 : strlen(name) + 1;
  struct iovec parts[3] = {
      {.iov_base = &head, .iov_len = sizeof head},
      {.iov_base = (void *)(uintptr_t)data, .iov_len = size},
      {.iov_base = (void *)(uintptr_t)name, .iov_len = name_size},
  };
  head.len = (uint32_t)(sizeof head + size + name_size);
  // ENOENT: the kernel has nothing cached. Anything else: the file system is gone.
  while (writev(session.device, parts, name == NULL ? 2 : 3) < 0 && errno == EINTR) {
  }
}

static void send_item(const struct notify_item *item) {
  if (item->names && item->name != NULL) {
    struct fuse_notify_inval_entry_out out = {.parent = item->parent,
                                              .namelen = (uint32_t)strlen(item->name)};
    send_message(FUSE_NOTIFY_INVAL_ENTRY, &out, sizeof out, item->name);
  }
  struct fuse_notify_inval_inode_out out = {.ino = item->nodeid, .off = 0, .len = 0};
  send_message(FUSE_NOTIFY_INVAL_INODE, &out, sizeof out, NULL);
}

static void *notify_loop(void *unused) {
  (void)unused;
  for (;;) {
    pthread_mutex_lock(&lock);
    while (first == NULL) pthread_cond_wait(&filled, &lock);
    struct batch *batch = first;
    first = batch->next;
    if (first == NULL) last = &first;
    pthread_mutex_unlock(&lock);
    for (size_t i = 0; i < batch->count; i++) {
      send_item(&batch->items[i]);
      free(batch->items[i].name);
    }
    pthread_mutex_lock(&lock);
    pending -= batch->count;
    pthread_mutex_unlock(&lock);
    if (batch->done != NULL) batch->done(batch->argument);
    free(batch->items);
    free(batch);
  }
  return NULL;
}

bool notify_start(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, notify_loop, NULL) != 0) return false;
  pthread_detach(thread);
  return true;
}

bool notify_inodes(struct notify_item *items, size_t count, void (*done)(void *),
                   void *argument) {
  struct batch *batch = malloc(sizeof *batch);
  if (batch == NULL) return false;
  *batch = (struct batch){.items = items, .count = count, .done = done, .argument = argument};
  pthread_mutex_lock(&lock);
  *last = batch;
  last = &batch->next;
  pending += count;
  pthread_cond_signal(&filled);
  pthread_mutex_unlock(&lock);
  return true;
}

static void notify_one(uint64_t nodeid, uint64_t parent, char *name) {
  struct notify_item *item = calloc(1, sizeof *item);
  if (item != NULL) {
    *item = (struct notify_item){.nodeid = nodeid, .names = true, .parent = parent, .name = name};
    if (notify_inodes(item, 1, NULL, NULL)) return;
  }
  free(item);
  free(name);
}

void notify_names(struct inode *inode) {
  uint64_t parent;
  char *name;
  if (inode->parent == NULL) return;
  inode_name(inode, &parent, &name);
  notify_one(inode->id, parent, name);
}

void notify_entry(uint64_t nodeid, uint64_t parent, const char *name) {
  notify_one(nodeid, parent, strdup(name));
}

uint64_t notify_pending(void) {
  pthread_mutex_lock(&lock);
  uint64_t count = pending;
  pthread_mutex_unlock(&lock);
  return count;
}
