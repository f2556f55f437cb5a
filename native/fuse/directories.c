// Directories are read with getdents64 and handed on entry by entry; the target's own offsets are
// the offsets that the kernel sees.
#include "directories.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attributes.h"
#include "control.h"
#include "faults.h"
#include "unsynced.h"

// Entries are read into the second half of the reply buffer, replies made in the first.
#define HALF (REQUEST_DATA_MAX / 2)
#define READ_MOST (32 * 1024)

struct entry {
  uint64_t ino;
  int64_t next_offset;
  uint16_t record_size;
  uint8_t type;
  char name[];
};

void op_opendir(struct request *request) {
  struct inode *inode = inode_get(request->header.nodeid);
  if (inode == NULL) return reply_error(request, ESTALE);
  char path[PATH_SIZE];
  inode_path(inode, path);
  if (faults_gate(request, OP_OPENDIR, path, NULL, 0, 0)) return inode_put(inode);
  int fd = open_at(inode->fd, ".", O_RDONLY | O_DIRECTORY, 0);
  int error = fd < 0 ? errno : 0;
  struct handle *handle = fd < 0 ? NULL : handle_new(HANDLE_DIRECTORY, fd, inode, path);
  if (handle == NULL) {
    if (fd >= 0) close(fd);
    reply_error(request, error != 0 ? error : ENOMEM);
    return inode_put(inode);
  }
  struct kibosh_open_out out = {.fh = handle->id};
  reply_data(request, &out, sizeof out);
}

static bool is_hidden(const struct handle *handle, const char *name) {
  return handle->inode->id == FUSE_ROOT_ID &&
         (control_is_name(name) || unsynced_is_own_name(name));
}

static bool is_self_or_parent(const char *name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static void fill_plus(struct request *request, struct handle *handle, const char *name,
                      struct fuse_entry_out *out) {
  struct stat status;
  struct inode *inode;
  *out = (struct fuse_entry_out){0};
  if (is_self_or_parent(name)) return;
  // An entry that went away meanwhile is listed without an inode; the kernel looks it up if asked.
  if (inode_lookup(handle->inode, name, request->header.pid, &status, &inode) != 0) return;
  char path[PATH_SIZE] = "";
  if (faults_touch(OP_LOOKUP) || faults_touch(OP_GETATTR)) {
    inode_entry_path(handle->inode, name, path);
  }
  entry_of(inode, &status, !faults_reach(request->worker, OPS_CACHED, path), out);
}

// Adds one entry; 0 when there is no room left for it.
static size_t emit(struct request *request, struct handle *handle, const struct entry *entry,
                   bool plus, char *out, size_t room) {
  size_t name_size = strlen(entry->name);
  size_t head = plus ? FUSE_NAME_OFFSET_DIRENTPLUS : FUSE_NAME_OFFSET;
  size_t size = FUSE_DIRENT_ALIGN(head + name_size);
  if (size > room) return 0;
  memset(out, 0, size);
  struct fuse_dirent *dirent = (void *)out;
  if (plus) {
    struct fuse_direntplus *full = (void *)out;
    fill_plus(request, handle, entry->name, &full->entry_out);
    dirent = &full->dirent;
  }
  dirent->ino = entry->ino;
  dirent->off = (uint64_t)entry->next_offset;
  dirent->namelen = (uint32_t)name_size;
  dirent->type = entry->type;
  memcpy(out + head, entry->name, name_size);
  return size;
}

// Fills the reply; the answer is its size, or a negative errno.
static ssize_t fill(struct request *request, struct handle *handle, uint64_t offset, size_t room,
                    bool plus) {
  char *out = request->worker->reply_buffer, *source = out + HALF;
  size_t used = 0;
  if (handle->position != offset && lseek(handle->fd, (off_t)offset, SEEK_SET) < 0) return -errno;
  handle->position = offset;
  while (used == 0) {
    size_t want = room < READ_MOST ? room : READ_MOST;
    long length = syscall(SYS_getdents64, handle->fd, source, want < 512 ? 512 : want);
    if (length < 0) return -errno;
    if (length == 0) return 0;
    for (long at = 0; at < length;) {
      const struct entry *entry = (const void *)(source + at);
      at += entry->record_size;
      size_t size = 0;
      if (!is_hidden(handle, entry->name)) {
        size = emit(request, handle, entry, plus, out + used, room - used);
        if (size == 0) {
          // The descriptor stands behind what was read: the next call goes back to this entry.
          handle->position = UINT64_MAX;
          return (ssize_t)used;
        }
      }
      used += size;
      handle->position = (uint64_t)entry->next_offset;
    }
  }
  return (ssize_t)used;
}

static void read_directory(struct request *request, bool plus) {
  const struct fuse_read_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  struct handle *handle = handle_of(in->fh, HANDLE_DIRECTORY);
  if (handle == NULL) return reply_error(request, EBADF);
  if (faults_gate(request, OP_READDIR, handle->path, handle, in->offset, in->size)) return;
  size_t room = in->size < HALF ? in->size : HALF;
  pthread_mutex_lock(&handle->lock);
  ssize_t size = fill(request, handle, in->offset, room, plus);
  pthread_mutex_unlock(&handle->lock);
  if (size < 0) return reply_error(request, (int)-size);
  reply_data(request, request->worker->reply_buffer, (size_t)size);
}

void op_readdir(struct request *request) {
  read_directory(request, false);
}

void op_readdirplus(struct request *request) {
  read_directory(request, true);
}

void op_releasedir(struct request *request) {
  const struct fuse_release_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  struct handle *handle = handle_of(in->fh, HANDLE_DIRECTORY);
  if (handle == NULL) return reply_error(request, EBADF);
  handle_free(handle);
  reply_error(request, 0);
}

void op_fsyncdir(struct request *request) {
  const struct fuse_fsync_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  struct handle *handle = handle_of(in->fh, HANDLE_DIRECTORY);
  if (handle == NULL) return reply_error(request, EBADF);
  if (faults_gate(request, OP_FSYNCDIR, handle->path, handle, 0, 0)) return;
  bool data_only = (in->fsync_flags & FUSE_FSYNC_FDATASYNC) != 0;
  uint64_t seen = unsynced_begin_sync(handle->inode);
  if ((data_only ? fdatasync(handle->fd) : fsync(handle->fd)) < 0) {
    return reply_error(request, errno);
  }
  unsynced_synced(handle->inode, seen);
  reply_error(request, 0);
}
