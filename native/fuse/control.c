// Each open of the control file has a private draft. It is evaluated when a descriptor is closed,
// if it changed since it was evaluated last: see the rules in docs/kibosh.md.
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "attributes.h"
#include "commit.h"
#include "handles.h"
#include "status.h"

// An answer lets the kernel send the release to another thread: whoever uses a draft holds it.
struct draft {
  _Atomic int holders;
  pthread_mutex_t lock;
  char *text;
  size_t size, room;
  bool changed;  // since it was evaluated
  bool too_long; // what was written did not fit, so there is nothing to evaluate
  bool dirty;    // was opened to be replaced, or changed, and was never evaluated
};

static const char *const names[] = {"kibosh_control", "kibosh_control_error", "kibosh_status"};
#define NAMES 3

bool control_start(void) {
  return commit_start();
}

bool control_is_node(uint64_t nodeid) {
  return nodeid >= INODE_CONTROL && nodeid < INODE_CONTROL + NAMES;
}

bool control_is_name(const char *name) {
  if (strncmp(name, "kibosh_", 7) != 0) return false;
  for (int i = 0; i < NAMES; i++) {
    if (strcmp(name, names[i]) == 0) return true;
  }
  return false;
}

void control_status(uint64_t nodeid, struct stat *status) {
  uint64_t time_ns = commit_time_ns();
  struct timespec time = {(time_t)(time_ns / 1000000000), (long)(time_ns % 1000000000)};
  size_t size = 0;
  if (nodeid == INODE_CONTROL) size = commit_text_size();
  if (nodeid == INODE_CONTROL_ERROR) size = commit_error_size();
  *status = (struct stat){
      // Far from the numbers that file systems give to their files.
      .st_ino = UINT64_C(0x6b69626f73680000) + nodeid,
      .st_mode = S_IFREG | (nodeid == INODE_CONTROL ? session.options.control_mode : 0444),
      .st_nlink = 1,
      .st_uid = session.uid,
      .st_gid = session.gid,
      .st_size = (off_t)size,
      .st_blksize = 4096,
      .st_atim = time,
      .st_mtim = time,
      .st_ctim = time,
  };
}

void control_lookup(struct request *request, const char *name) {
  struct fuse_entry_out entry = {0};
  for (unsigned i = 0; i < NAMES; i++) {
    if (strcmp(name, names[i]) == 0) entry.nodeid = INODE_CONTROL + i;
  }
  struct stat status;
  control_status(entry.nodeid, &status);
  // The name stays; the attributes change with each document.
  entry.entry_valid = 3600;
  attributes_of(&status, &entry.attr);
  reply_data(request, &entry, sizeof entry);
}

void control_getattr(struct request *request) {
  struct stat status;
  struct fuse_attr_out out = {0};
  control_status(request->header.nodeid, &status);
  attributes_of(&status, &out.attr);
  reply_data(request, &out, sizeof out);
}

static void let_go(struct draft *draft) {
  if (atomic_fetch_sub(&draft->holders, 1) != 1) return;
  pthread_mutex_destroy(&draft->lock);
  free(draft->text);
  free(draft);
}

static struct draft *hold(struct handle *handle) {
  struct draft *draft = handle->draft;
  atomic_fetch_add(&draft->holders, 1);
  pthread_mutex_lock(&draft->lock);
  return draft;
}

static void unlock_and_let_go(struct draft *draft) {
  pthread_mutex_unlock(&draft->lock);
  let_go(draft);
}

static bool resize(struct draft *draft, size_t size) {
  if (size > draft->room) {
    size_t room = size < 4096 ? 4096 : size * 2;
    char *larger = realloc(draft->text, room);
    if (larger == NULL) return false;
    draft->text = larger;
    draft->room = room;
  }
  if (size > draft->size) memset(draft->text + draft->size, 0, size - draft->size);
  draft->size = size;
  return true;
}

static int truncate_draft(struct handle *handle, uint64_t size) {
  if (size > DOCUMENT_MAX) return commit_refuse_too_long();
  struct draft *draft = hold(handle);
  bool done = resize(draft, (size_t)size);
  if (size == 0) draft->too_long = false;  // else a part of it is left
  draft->changed = draft->dirty = true;
  unlock_and_let_go(draft);
  return done ? 0 : ENOMEM;
}

void control_setattr(struct request *request, const struct fuse_setattr_in *in) {
  struct handle *handle =
      (in->valid & FATTR_FH) != 0 ? handle_of(in->fh, HANDLE_VIRTUAL) : NULL;
  const uint32_t other = FATTR_MODE | FATTR_UID | FATTR_GID | FATTR_ATIME;
  if (handle == NULL || (in->valid & FATTR_SIZE) == 0 || (in->valid & other) != 0) {
    return reply_error(request, EPERM);
  }
  int error = truncate_draft(handle, in->size);
  if (error != 0) return reply_error(request, error);
  control_getattr(request);
}

static struct draft *new_draft(uint64_t nodeid, uint32_t flags) {
  struct draft *draft = calloc(1, sizeof *draft);
  if (draft == NULL) return NULL;
  pthread_mutex_init(&draft->lock, NULL);
  atomic_store(&draft->holders, 1);
  if (nodeid == INODE_CONTROL_ERROR) {
    draft->text = commit_error(&draft->size);
  } else if (nodeid == INODE_STATUS) {
    draft->text = status_text(&draft->size);
  } else if ((flags & O_TRUNC) != 0) {
    draft->dirty = true;
  } else {
    draft->text = commit_text(&draft->size);
  }
  draft->room = draft->size;
  return draft;
}

void control_open(struct request *request) {
  const struct fuse_open_in *in = args_struct(request, sizeof *in);
  uint64_t nodeid = request->header.nodeid;
  if (in == NULL) return reply_error(request, EIO);
  if (nodeid != INODE_CONTROL && (in->flags & O_ACCMODE) != O_RDONLY) {
    return reply_error(request, EPERM);
  }
  struct draft *draft = new_draft(nodeid, in->flags);
  struct handle *handle =
      draft == NULL ? NULL : handle_new(HANDLE_VIRTUAL, -1, NULL, "");
  if (handle == NULL) {
    if (draft != NULL) let_go(draft);
    return reply_error(request, ENOMEM);
  }
  handle->draft = draft;
  handle->flags = (int)in->flags;
  // Direct I/O: two opens never share pages, and no size is remembered.
  struct kibosh_open_out out = {.fh = handle->id, .open_flags = FOPEN_DIRECT_IO};
  reply_data(request, &out, sizeof out);
}

void control_read(struct request *request) {
  const struct fuse_read_in *in = args_struct(request, sizeof *in);
  struct handle *handle = in == NULL ? NULL : handle_of(in->fh, HANDLE_VIRTUAL);
  if (handle == NULL) return reply_error(request, EBADF);
  struct draft *draft = hold(handle);
  size_t at = in->offset < draft->size ? (size_t)in->offset : draft->size;
  size_t size = draft->size - at < in->size ? draft->size - at : in->size;
  reply_data(request, size == 0 ? "" : draft->text + at, size);
  unlock_and_let_go(draft);
}

// A document that is complete ends with a brace: only then is it worth a look.
static bool looks_complete(const struct draft *draft) {
  size_t size = draft->size;
  while (size > 0 && memchr(" \t\r\n", draft->text[size - 1], 4) != NULL) size--;
  return size > 0 && draft->text[size - 1] == '}';
}

static int write_draft(struct draft *draft, uint64_t offset, const char *data, size_t size) {
  if (offset > DOCUMENT_MAX || offset + size > DOCUMENT_MAX) {
    draft->too_long = true;
    return commit_refuse_too_long();
  }
  size_t end = (size_t)offset + size;
  if (end > draft->size && !resize(draft, end)) return ENOMEM;
  if (size > 0) memcpy(draft->text + offset, data, size);
  draft->changed = draft->dirty = true;
  int error = looks_complete(draft) ? commit_check(draft->text, draft->size) : 0;
  if (error != 0) draft->changed = draft->dirty = false;
  return error;
}

void control_write(struct request *request) {
  const struct fuse_write_in *in = args_struct(request, sizeof *in);
  struct handle *handle = in == NULL ? NULL : handle_of(in->fh, HANDLE_VIRTUAL);
  if (handle == NULL || request->header.nodeid != INODE_CONTROL) {
    return reply_error(request, EBADF);
  }
  if (request->args_size - sizeof *in < in->size) return reply_error(request, EIO);
  struct draft *draft = hold(handle);
  uint64_t offset = (handle->flags & O_APPEND) != 0 ? draft->size : in->offset;
  int error = write_draft(draft, offset, (const char *)(in + 1), in->size);
  unlock_and_let_go(draft);
  if (error != 0) return reply_error(request, error);
  struct fuse_write_out out = {.size = in->size};
  reply_data(request, &out, sizeof out);
}

void control_flush(struct request *request) {
  const struct fuse_flush_in *in = args_struct(request, sizeof *in);
  struct handle *handle = in == NULL ? NULL : handle_of(in->fh, HANDLE_VIRTUAL);
  if (handle == NULL) return reply_error(request, EBADF);
  struct draft *draft = hold(handle);
  int error = 0;
  if (draft->too_long) {
    // The writer was told; the part that did fit is not what it meant.
    error = EFBIG;
  } else if (draft->changed) {
    draft->changed = draft->dirty = false;
    error = commit(draft->text, draft->size, request);
  }
  unlock_and_let_go(draft);
  if (!request->parked) reply_error(request, error);
}

void control_release(struct request *request) {
  const struct fuse_release_in *in = args_struct(request, sizeof *in);
  struct handle *handle = in == NULL ? NULL : handle_of(in->fh, HANDLE_VIRTUAL);
  if (handle == NULL) return reply_error(request, EBADF);
  struct draft *draft = handle->draft;
  if (draft->dirty && !draft->too_long) {
    commit(draft->text == NULL ? "" : draft->text, draft->size, NULL);
  }
  handle_free(handle);
  let_go(draft);
  reply_error(request, 0);
}
