// The inode table: an array by id, a hash by device and inode number, one lock for both. The lock
// is never held over a system call.
#include "inodes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "links.h"
#include "protocol.h"
#include "session.h"

#define CHUNK 4096
#define CHUNKS 8192

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct inode **chunks[CHUNKS];
static uint64_t slots_used = INODE_FIRST;
static uint64_t *free_ids;
static size_t free_count, free_room;
static struct inode **buckets;
static size_t bucket_count, inode_total;
static struct inode *dying;  // removed, but not closed yet

static size_t bucket_of(dev_t dev, ino_t ino) {
  uint64_t hash = ((uint64_t)ino ^ ((uint64_t)dev << 40)) * UINT64_C(0x9e3779b97f4a7c15);
  return (size_t)(hash >> 20) & (bucket_count - 1);
}

static struct inode **slot_of(uint64_t id) {
  if (id >= (uint64_t)CHUNK * CHUNKS || chunks[id / CHUNK] == NULL) return NULL;
  return &chunks[id / CHUNK][id % CHUNK];
}

static struct inode *find_locked(dev_t dev, ino_t ino) {
  struct inode *inode = buckets[bucket_of(dev, ino)];
  while (inode != NULL && (inode->ino != ino || inode->dev != dev)) inode = inode->next;
  return inode;
}

static void unhash_locked(struct inode *inode) {
  struct inode **link = &buckets[bucket_of(inode->dev, inode->ino)];
  while (*link != inode) link = &(*link)->next;
  *link = inode->next;
}

static void hash_locked(struct inode *inode) {
  struct inode **head = &buckets[bucket_of(inode->dev, inode->ino)];
  inode->next = *head;
  *head = inode;
}

static void grow_locked(void) {
  struct inode **old = buckets;
  size_t old_count = bucket_count;
  struct inode **larger = calloc(old_count * 2, sizeof *larger);
  if (larger == NULL) return;  // longer chains, nothing worse
  buckets = larger;
  bucket_count = old_count * 2;
  for (size_t i = 0; i < old_count; i++) {
    struct inode *inode = old[i];
    while (inode != NULL) {
      struct inode *next = inode->next;
      hash_locked(inode);
      inode = next;
    }
  }
  free(old);
}

static uint64_t take_id_locked(void) {
  if (free_count > 0) return free_ids[--free_count];
  uint64_t id = slots_used;
  if (id >= (uint64_t)CHUNK * CHUNKS) return 0;
  if (chunks[id / CHUNK] == NULL) {
    chunks[id / CHUNK] = calloc(CHUNK, sizeof(struct inode *));
    if (chunks[id / CHUNK] == NULL) return 0;
  }
  slots_used++;
  return id;
}

static void give_id_locked(uint64_t id) {
  if (free_count == free_room) {
    size_t room = free_room == 0 ? 256 : free_room * 2;
    uint64_t *larger = realloc(free_ids, room * sizeof *larger);
    if (larger == NULL) return;  // the id is not used again
    free_ids = larger;
    free_room = room;
  }
  free_ids[free_count++] = id;
}

static void remove_locked(struct inode *inode) {
  unhash_locked(inode);
  *slot_of(inode->id) = NULL;
  give_id_locked(inode->id);
  inode_total--;
}

// Drops what nobody needs, from an inode up through its parents. Descriptors are closed by
// unlock(), when the lock is free.
static void release_locked(struct inode *inode) {
  while (inode != NULL && inode->lookups == 0 && inode->refs == 0) {
    remove_locked(inode);
    links_release(inode);
    struct inode *parent = inode->parent;
    inode->next = dying;
    dying = inode;
    if (parent != NULL) parent->refs--;
    inode = parent;
  }
}

void inode_unref_locked(struct inode *inode) {
  inode->refs--;
  release_locked(inode);
}

static void destroy(struct inode *dropped) {
  while (dropped != NULL) {
    struct inode *next = dropped->next;
    if (dropped->fd >= 0) close(dropped->fd);
    free(dropped->name);
    free(dropped);
    dropped = next;
  }
}

static void unlock(void) {
  struct inode *dropped = dying;
  dying = NULL;
  pthread_mutex_unlock(&lock);
  destroy(dropped);
}

#define CLOSE_AT_ONCE 256

// Descriptors are numbered from below, so a high number says that they run out: then those of files
// that the kernel knows but nobody uses are closed, a few at a time.
static void make_room(void) {
  int closing[CLOSE_AT_ONCE];
  int count = 0;
  static size_t hand;
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < bucket_count && count < CLOSE_AT_ONCE; i++) {
    hand = (hand + 1) & (bucket_count - 1);
    for (struct inode *at = buckets[hand]; at != NULL && count < CLOSE_AT_ONCE; at = at->next) {
      if (at->refs > 0 || at->fd < 0 || at->parent == NULL) continue;
      closing[count++] = at->fd;
      at->fd = -1;
    }
  }
  pthread_mutex_unlock(&lock);
  while (count > 0) close(closing[--count]);
}

int open_at(int folder, const char *name, int flags, mode_t mode) {
  int fd = openat(folder, name, flags | O_CLOEXEC, mode);
  if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
    make_room();
    return openat(folder, name, flags | O_CLOEXEC, mode);
  }
  if (fd >= session.descriptors / 4 * 3) make_room();
  return fd;
}

// Opens what was closed for want of descriptors, by its name: false when something else is there.
// The caller has a reference, so nobody closes it again; its parent is in use and therefore open.
static bool revive(struct inode *inode) {
  pthread_mutex_lock(&lock);
  struct inode *parent = inode->parent;
  char *name = strdup(inode->name);
  parent->refs++;
  pthread_mutex_unlock(&lock);
  struct stat status;
  int fd = name == NULL ? -1 : open_at(parent->fd, name, O_PATH | O_NOFOLLOW, 0);
  bool same = fd >= 0 && fstatat(fd, "", &status, AT_EMPTY_PATH) == 0 &&
              status.st_ino == inode->ino && status.st_dev == inode->dev;
  free(name);
  pthread_mutex_lock(&lock);
  if (same && inode->fd < 0) {
    inode->fd = fd;
    fd = -1;
  }
  bool open_now = inode->fd >= 0;
  inode_unref_locked(parent);
  unlock();
  if (fd >= 0) close(fd);
  return open_now;
}

struct inode *inode_get(uint64_t id) {
  pthread_mutex_lock(&lock);
  struct inode **slot = slot_of(id);
  struct inode *inode = slot == NULL ? NULL : *slot;
  if (inode != NULL) inode->refs++;
  bool is_closed = inode != NULL && inode->fd < 0;
  pthread_mutex_unlock(&lock);
  if (!is_closed || revive(inode)) return inode;
  inode_put(inode);
  return NULL;
}

void inode_put(struct inode *inode) {
  pthread_mutex_lock(&lock);
  inode_unref_locked(inode);
  unlock();
}

void inode_forget(uint64_t id, uint64_t count) {
  if (id == FUSE_ROOT_ID) return;
  pthread_mutex_lock(&lock);
  struct inode **slot = slot_of(id);
  if (slot != NULL && *slot != NULL) {
    struct inode *inode = *slot;
    inode->lookups -= count < inode->lookups ? count : inode->lookups;
    release_locked(inode);
  }
  unlock();
}

uint64_t inode_count(void) {
  pthread_mutex_lock(&lock);
  uint64_t count = inode_total;
  pthread_mutex_unlock(&lock);
  return count;
}

static void set_name_locked(struct inode *inode, struct inode *parent, const char *name) {
  if (inode->parent == NULL && inode->id == FUSE_ROOT_ID) return;
  if (inode->parent == parent && strcmp(inode->name, name) == 0) return;
  char *copy = strdup(name);
  if (copy == NULL) return;  // it keeps the name that it had
  free(inode->name);
  inode->name = copy;
  if (inode->parent == parent) return;
  struct inode *old_parent = inode->parent;
  parent->refs++;
  inode->parent = parent;
  if (old_parent != NULL) inode_unref_locked(old_parent);
}

static bool insert_locked(struct inode *inode) {
  inode->id = take_id_locked();
  if (inode->id == 0) return false;
  *slot_of(inode->id) = inode;
  if (inode_total >= bucket_count) grow_locked();
  hash_locked(inode);
  inode_total++;
  return true;
}

static struct inode *make(struct inode *parent, const char *name, int fd,
                          const struct stat *status) {
  struct inode *inode = calloc(1, sizeof *inode);
  char *copy = strdup(name);
  if (inode == NULL || copy == NULL) {
    free(inode);
    free(copy);
    return NULL;
  }
  *inode = (struct inode){.fd = fd,
                          .dev = status->st_dev,
                          .ino = status->st_ino,
                          .mode = status->st_mode,
                          .parent = parent,
                          .name = copy};
  return inode;
}

// A known inode was found by this name.
static void seen_locked(struct inode *inode, struct inode *parent, const char *name, uint32_t pid,
                        const struct stat *status) {
  if (!S_ISDIR(status->st_mode) && status->st_nlink > 1) {
    links_seen(inode, parent, name, pid);
    return;
  }
  links_release(inode);
  set_name_locked(inode, parent, name);
}

// Its number may belong to another file by now: one of the same kind takes the inode's place.
static struct inode *reuse_locked(struct inode *inode, struct inode *fresh) {
  if ((inode->mode & S_IFMT) != (fresh->mode & S_IFMT)) {
    // The kernel gives it up by itself; until then it is found by its id only.
    unhash_locked(inode);
    inode->ino = (ino_t)-1;
    hash_locked(inode);
    return NULL;
  }
  inode->fd = fresh->fd;
  fresh->fd = -1;
  return inode;
}

int inode_adopt(struct inode *parent, const char *name, int fd, struct stat *status,
                struct inode **found) {
  if (fstatat(fd, "", status, AT_EMPTY_PATH) < 0) {
    int error = errno;
    close(fd);
    return error;
  }
  struct inode *fresh = make(parent, name, fd, status);
  if (fresh == NULL) {
    close(fd);
    return ENOMEM;
  }
  pthread_mutex_lock(&lock);
  struct inode *inode = find_locked(status->st_dev, status->st_ino);
  if (inode != NULL && inode->fd < 0) inode = reuse_locked(inode, fresh);
  if (inode != NULL) {
    seen_locked(inode, parent, name, 0, status);
  } else if (insert_locked(fresh)) {
    inode = fresh;
    fresh = NULL;
    parent->refs++;
  }
  if (inode != NULL) inode->lookups++;
  unlock();
  if (fresh != NULL) {
    fresh->next = NULL;
    destroy(fresh);
  }
  *found = inode;
  return inode == NULL ? ENFILE : 0;
}

int inode_lookup(struct inode *parent, const char *name, uint32_t pid, struct stat *status,
                 struct inode **found) {
  if (fstatat(parent->fd, name, status, AT_SYMLINK_NOFOLLOW) < 0) return errno;
  // Another mount of the target may lead back to us: entering it would wait for ourselves.
  if (session.own_dev != 0 && status->st_dev == session.own_dev) return ELOOP;
  pthread_mutex_lock(&lock);
  // Its descriptor keeps the number from being used again, so an equal number is the same inode.
  struct inode *inode = find_locked(status->st_dev, status->st_ino);
  if (inode != NULL && inode->fd < 0) inode = NULL;
  if (inode != NULL) {
    inode->lookups++;
    seen_locked(inode, parent, name, pid, status);
  }
  unlock();
  *found = inode;
  if (inode != NULL) return 0;
  int fd = open_at(parent->fd, name, O_PATH | O_NOFOLLOW, 0);
  if (fd < 0) return errno;
  return inode_adopt(parent, name, fd, status, found);
}

uint64_t inode_renamed(struct inode *old_parent, const char *old_name, struct inode *parent,
                       const char *name) {
  struct stat status;
  if (fstatat(parent->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return 0;
  pthread_mutex_lock(&lock);
  struct inode *inode = find_locked(status.st_dev, status.st_ino);
  if (inode != NULL && !links_renamed(inode, old_parent, old_name, parent, name)) {
    set_name_locked(inode, parent, name);
  }
  uint64_t id = inode == NULL ? 0 : inode->id;
  unlock();
  return id;
}

// Writes the path backwards from the end of the buffer, then moves it to the front.
static void build_path_locked(const struct inode *inode, const char *name, char *path) {
  size_t at = PATH_SIZE - 1;
  path[at] = '\0';
  while (name != NULL) {
    size_t length = strlen(name);
    if (at < length + 1) {
      path[0] = '\0';
      return;
    }
    at -= length;
    memcpy(path + at, name, length);
    path[--at] = '/';
    if (inode == NULL || inode->parent == NULL) break;
    name = inode->name;
    inode = inode->parent;
  }
  if (path[at] == '\0') path[--at] = '/';
  memmove(path, path + at, PATH_SIZE - at);
}

void inode_path(struct inode *inode, char *path) {
  pthread_mutex_lock(&lock);
  build_path_locked(inode->parent, inode->parent == NULL ? NULL : inode->name, path);
  pthread_mutex_unlock(&lock);
}

void inode_open_path(struct inode *inode, uint32_t pid, char *path) {
  pthread_mutex_lock(&lock);
  const struct inode *parent = inode->parent;
  const char *name = parent == NULL ? NULL : inode->name;
  if (inode->links != NULL) links_used_by(inode, pid, &parent, &name);
  build_path_locked(parent, name, path);
  pthread_mutex_unlock(&lock);
}

void inode_entry_path(struct inode *parent, const char *name, char *path) {
  pthread_mutex_lock(&lock);
  build_path_locked(parent, name, path);
  pthread_mutex_unlock(&lock);
}

void inode_name(struct inode *inode, uint64_t *parent, char **name) {
  pthread_mutex_lock(&lock);
  *parent = inode->parent == NULL ? 0 : inode->parent->id;
  *name = inode->parent == NULL ? NULL : strdup(inode->name);
  pthread_mutex_unlock(&lock);
}

void inode_each(void (*visit)(struct inode *inode, const char *path, void *context),
                void *context) {
  char path[PATH_SIZE];
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < bucket_count; i++) {
    for (struct inode *inode = buckets[i]; inode != NULL; inode = inode->next) {
      build_path_locked(inode->parent, inode->parent == NULL ? NULL : inode->name, path);
      visit(inode, path, context);
    }
  }
  pthread_mutex_unlock(&lock);
}

bool inodes_start(int target_fd) {
  struct stat status;
  if (fstatat(target_fd, "", &status, AT_EMPTY_PATH) < 0) return false;
  bucket_count = 1024;
  buckets = calloc(bucket_count, sizeof *buckets);
  chunks[0] = calloc(CHUNK, sizeof(struct inode *));
  struct inode *root = calloc(1, sizeof *root);
  if (buckets == NULL || chunks[0] == NULL || root == NULL) return false;
  *root = (struct inode){.id = FUSE_ROOT_ID,
                         .fd = target_fd,
                         .dev = status.st_dev,
                         .ino = status.st_ino,
                         .mode = status.st_mode,
                         .lookups = 1,
                         .refs = 1};
  chunks[0][FUSE_ROOT_ID] = root;
  hash_locked(root);
  inode_total = 1;
  return true;
}
