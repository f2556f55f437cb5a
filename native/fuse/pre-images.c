// Pre-images lie one after the other in a file without a name on the target, the spool; its space
// comes back when nothing is tracked any more.
#include "pre-images.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "faults.h"
#include "log.h"

#define BUCKETS 1024
#define COPY_SIZE 65536
#define SECTOR 512

struct extent {
  uint64_t offset, size, spool;
};

struct layer {
  uint64_t number;
  uint64_t size;  // of the file when the layer was put on top
  struct extent *extents;  // sorted, disjoint
  size_t count, room;
  struct layer *below;
};

struct tracked {
  struct inode *inode;
  int fd;
  struct layer *top;
  struct tracked *next;
};

static struct tracked *buckets[BUCKETS];
static size_t tracked_count;
static int spool_fd = -1;
static uint64_t spool_used;

int pre_images_start(int target_fd) {
  if (spool_fd >= 0) return 0;
  spool_fd = openat(target_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (spool_fd < 0) spool_fd = memfd_create("kibosh-spool", MFD_CLOEXEC);
  return spool_fd < 0 ? errno : 0;
}

static struct tracked **link_of(const struct inode *inode) {
  struct tracked **link = &buckets[inode->id % BUCKETS];
  while (*link != NULL && (*link)->inode != inode) link = &(*link)->next;
  return link;
}

static void free_layers(struct layer *layer) {
  while (layer != NULL) {
    struct layer *below = layer->below;
    free(layer->extents);
    free(layer);
    layer = below;
  }
}

static void forget(struct tracked **link) {
  struct tracked *tracked = *link;
  *link = tracked->next;
  free_layers(tracked->top);
  close(tracked->fd);
  inode_put(tracked->inode);
  free(tracked);
  if (--tracked_count == 0 && ftruncate(spool_fd, 0) == 0) spool_used = 0;
}

static struct layer *push_layer(struct tracked *tracked, uint64_t number) {
  struct stat status;
  struct layer *layer = calloc(1, sizeof *layer);
  if (layer == NULL || fstat(tracked->fd, &status) < 0) {
    free(layer);
    return NULL;
  }
  *layer = (struct layer){.number = number, .size = (uint64_t)status.st_size,
                          .below = tracked->top};
  tracked->top = layer;
  return layer;
}

static struct tracked *track(struct inode *inode, struct tracked **link) {
  char name[16];
  snprintf(name, sizeof name, "%d", inode->fd);
  int fd = openat(session.proc_fd, name, O_RDWR | O_CLOEXEC);
  struct tracked *tracked = fd < 0 ? NULL : calloc(1, sizeof *tracked);
  if (tracked == NULL) {
    if (fd >= 0) close(fd);
    return NULL;
  }
  *tracked = (struct tracked){.inode = inode_get(inode->id), .fd = fd};
  if (push_layer(tracked, 0) == NULL) {
    close(fd);
    inode_put(tracked->inode);
    free(tracked);
    return NULL;
  }
  *link = tracked;
  tracked_count++;
  return tracked;
}

static int copy_range(int from_fd, uint64_t from, int to_fd, uint64_t to, uint64_t size) {
  char buffer[COPY_SIZE];
  while (size > 0) {
    size_t part = size < COPY_SIZE ? (size_t)size : COPY_SIZE;
    ssize_t length = pread(from_fd, buffer, part, (off_t)from);
    if (length < 0) return errno;
    if (length == 0) return 0;
    ssize_t written = pwrite(to_fd, buffer, (size_t)length, (off_t)to);
    if (written != length) return written < 0 ? errno : ENOSPC;
    from += (uint64_t)length;
    to += (uint64_t)length;
    size -= (uint64_t)length;
  }
  return 0;
}

static int add_extent(struct tracked *tracked, size_t at, uint64_t offset, uint64_t size) {
  struct layer *layer = tracked->top;
  if (layer->count == layer->room) {
    size_t room = layer->room == 0 ? 16 : layer->room * 2;
    struct extent *larger = realloc(layer->extents, room * sizeof *larger);
    if (larger == NULL) return ENOMEM;
    layer->extents = larger;
    layer->room = room;
  }
  int error = copy_range(tracked->fd, offset, spool_fd, spool_used, size);
  if (error != 0) return error;
  memmove(layer->extents + at + 1, layer->extents + at,
          (layer->count - at) * sizeof *layer->extents);
  layer->extents[at] = (struct extent){offset, size, spool_used};
  layer->count++;
  spool_used += size;
  return 0;
}

int pre_image_keep(struct inode *inode, uint64_t from, uint64_t to) {
  struct tracked **link = link_of(inode);
  struct tracked *tracked = *link != NULL ? *link : track(inode, link);
  if (tracked == NULL) return EIO;
  struct layer *layer = tracked->top;
  if (to > layer->size) to = layer->size;
  size_t low = 0, high = layer->count;
  while (low < high) {  // the first extent that ends behind `from`
    size_t middle = (low + high) / 2;
    const struct extent *extent = &layer->extents[middle];
    if (extent->offset + extent->size <= from) low = middle + 1;
    else high = middle;
  }
  for (size_t at = low; from < to; at++) {
    uint64_t next = at < layer->count ? layer->extents[at].offset : UINT64_MAX;
    if (next > from) {
      uint64_t end = next < to ? next : to;
      int error = add_extent(tracked, at, from, end - from);
      if (error != 0) return error;
    }
    from = layer->extents[at].offset + layer->extents[at].size;
  }
  return 0;
}

uint64_t pre_image_begin_sync(struct inode *inode, uint64_t number) {
  struct tracked *tracked = *link_of(inode);
  return tracked != NULL && push_layer(tracked, number) != NULL ? number : 0;
}

void pre_image_synced(struct inode *inode, uint64_t begun) {
  struct tracked **link = link_of(inode);
  if (*link == NULL) return;
  struct layer *layer = (*link)->top;
  while (layer != NULL && layer->number > begun) layer = layer->below;
  if (layer == NULL || layer->number != begun) return;
  free_layers(layer->below);
  layer->below = NULL;
  struct stat status;
  bool same = fstat((*link)->fd, &status) == 0 && (uint64_t)status.st_size == layer->size;
  if (layer == (*link)->top && layer->count == 0 && same) forget(link);
}

// A place in [0, size) that a torn write may have reached: whole sectors.
static uint64_t torn_at(uint64_t seed, uint64_t salt, uint64_t size) {
  return size == 0 ? 0 : mix64(seed ^ mix64(salt)) % (size / SECTOR + 1) * SECTOR;
}

static void restore_layer(const struct tracked *tracked, const struct layer *layer, bool torn,
                          uint64_t seed) {
  struct stat status;
  uint64_t size = layer->size;
  if (torn && fstat(tracked->fd, &status) == 0 && (uint64_t)status.st_size > size) {
    uint64_t grown = torn_at(seed, tracked->inode->id, (uint64_t)status.st_size - size);
    // Sectors of the disk: the end of what was there before need not be at one.
    uint64_t end = (size + grown) / SECTOR * SECTOR;
    if (end > size) size = end;
  }
  int error = ftruncate(tracked->fd, (off_t)size) < 0 ? errno : 0;
  for (size_t i = 0; i < layer->count && error == 0; i++) {
    const struct extent *extent = &layer->extents[i];
    uint64_t kept = torn ? torn_at(seed, extent->offset + 1, extent->size) : 0;
    if (kept >= extent->size) continue;
    error = copy_range(spool_fd, extent->spool + kept, tracked->fd, extent->offset + kept,
                       extent->size - kept);
  }
  if (error != 0) log_event("a file could not be put back after a crash: %s", strerror(error));
}

static void restore(const struct tracked *tracked, bool torn, uint64_t seed) {
  for (const struct layer *layer = tracked->top; layer != NULL; layer = layer->below) {
    restore_layer(tracked, layer, torn, seed);
  }
}

bool pre_image_restore(struct inode *inode, bool torn, uint64_t seed) {
  struct tracked **link = link_of(inode);
  if (*link == NULL) return false;
  restore(*link, torn, seed);
  forget(link);
  return true;
}

uint64_t pre_images_restore_all(bool torn, uint64_t seed) {
  uint64_t count = 0;
  for (size_t i = 0; i < BUCKETS; i++) {
    while (buckets[i] != NULL) {
      restore(buckets[i], torn, seed);
      forget(&buckets[i]);
      count++;
    }
  }
  return count;
}

void pre_images_forget_all(void) {
  for (size_t i = 0; i < BUCKETS; i++) {
    while (buckets[i] != NULL) forget(&buckets[i]);
  }
}
