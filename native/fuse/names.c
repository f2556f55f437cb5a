// Everything acts on the descriptor of the parent directory and one name in it.
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "attributes.h"
#include "control.h"
#include "credentials.h"
#include "faults.h"
#include "inodes.h"
#include "notify.h"
#include "space.h"
#include "unsynced.h"

// The parent of an entry that is to be worked on; NULL after an error was answered.
static struct inode *parent_for(struct request *request, const char *name) {
  if (name == NULL || !is_entry_name(name)) {
    reply_error(request, name == NULL ? EIO : EINVAL);
    return NULL;
  }
  struct inode *parent = inode_get(request->header.nodeid);
  if (parent == NULL) reply_error(request, ESTALE);
  return parent;
}

// As parent_for, for changes, which the names of virtual files refuse; then asks the faults.
static struct inode *begin(struct request *request, enum operation op, const char *name) {
  struct inode *parent = parent_for(request, name);
  if (parent == NULL) return NULL;
  if (parent->id == FUSE_ROOT_ID && control_is_name(name)) {
    reply_error(request, op == OP_MKDIR || op == OP_MKNOD || op == OP_SYMLINK ? EEXIST : EPERM);
  } else {
    char path[PATH_SIZE] = "";
    if (faults_touch(op)) inode_entry_path(parent, name, path);
    if (!faults_gate(request, op, path, NULL, 0, 0)) return parent;
  }
  inode_put(parent);
  return NULL;
}

// Whether the kernel may keep what it is told of an entry: not where a fault is to meet each look.
static bool may_be_kept(struct request *request, struct inode *parent, const char *name) {
  char path[PATH_SIZE];
  if (!faults_touch(OP_LOOKUP) && !faults_touch(OP_GETATTR)) return true;
  inode_entry_path(parent, name, path);
  return !faults_reach(request->worker, OPS_CACHED, path);
}

static void reply_entry(struct request *request, struct inode *parent, const char *name) {
  struct stat status;
  struct inode *inode;
  int error = inode_lookup(parent, name, request->header.pid, &status, &inode);
  if (error != 0) return reply_error(request, error);
  struct fuse_entry_out entry;
  // Asked once the inode is known: a fault that is set from here on finds it and tells the kernel.
  entry_of(inode, &status, may_be_kept(request, parent, name), &entry);
  reply_data(request, &entry, sizeof entry);
}

void op_lookup(struct request *request) {
  size_t at = 0;
  const char *name = args_text(request, &at);
  struct inode *parent = parent_for(request, name);
  if (parent == NULL) return;
  if (parent->id == FUSE_ROOT_ID && control_is_name(name)) {
    control_lookup(request, name);
  } else {
    char path[PATH_SIZE] = "";
    if (faults_touch(OP_LOOKUP)) inode_entry_path(parent, name, path);
    if (!faults_gate(request, OP_LOOKUP, path, NULL, 0, 0)) reply_entry(request, parent, name);
  }
  inode_put(parent);
}

void op_forget(struct request *request) {
  const struct fuse_forget_in *in = args_struct(request, sizeof *in);
  if (in != NULL) inode_forget(request->header.nodeid, in->nlookup);
}

void op_batch_forget(struct request *request) {
  const struct fuse_batch_forget_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return;
  const struct fuse_forget_one *one = (const void *)(in + 1);
  size_t room = (request->args_size - sizeof *in) / sizeof *one;
  for (size_t i = 0; i < in->count && i < room; i++) inode_forget(one[i].nodeid, one[i].nlookup);
}

void op_readlink(struct request *request) {
  struct inode *inode = inode_get(request->header.nodeid);
  if (inode == NULL) return reply_error(request, ESTALE);
  char path[PATH_SIZE] = "", text[PATH_MAX];
  if (faults_touch(OP_READLINK)) inode_path(inode, path);
  if (!faults_gate(request, OP_READLINK, path, NULL, 0, 0)) {
    ssize_t length = readlinkat(inode->fd, "", text, sizeof text);
    if (length < 0) {
      reply_error(request, errno);
    } else {
      reply_data(request, text, (size_t)length);
    }
  }
  inode_put(inode);
}

// Ends the making of an entry: by its answer, or by the error that `failed` announces.
static void finish_entry(struct request *request, struct inode *parent, const char *name,
                         bool failed) {
  int error = errno;
  act_as_self(request);
  if (failed) {
    reply_error(request, error);
  } else {
    unsynced_made(parent, name);
    reply_entry(request, parent, name);
  }
  inode_put(parent);
}

void op_symlink(struct request *request) {
  size_t at = 0;
  const char *name = args_text(request, &at);
  const char *text = args_text(request, &at);
  if (text == NULL) return reply_error(request, EIO);
  struct inode *parent = begin(request, OP_SYMLINK, name);
  if (parent == NULL) return;
  act_as_caller(request, 0);
  finish_entry(request, parent, name, symlinkat(text, parent->fd, name) < 0);
}

void op_mknod(struct request *request) {
  const struct fuse_mknod_in *in = args_struct(request, sizeof *in);
  size_t at = sizeof *in;
  if (in == NULL) return reply_error(request, EIO);
  const char *name = args_text(request, &at);
  struct inode *parent = begin(request, OP_MKNOD, name);
  if (parent == NULL) return;
  unsigned rdev = in->rdev;
  dev_t device = makedev((rdev & 0xfff00) >> 8, (rdev & 0xff) | ((rdev >> 12) & 0xfff00));
  act_as_caller(request, in->umask);
  finish_entry(request, parent, name, mknodat(parent->fd, name, in->mode, device) < 0);
}

void op_mkdir(struct request *request) {
  const struct fuse_mkdir_in *in = args_struct(request, sizeof *in);
  size_t at = sizeof *in;
  if (in == NULL) return reply_error(request, EIO);
  const char *name = args_text(request, &at);
  struct inode *parent = begin(request, OP_MKDIR, name);
  if (parent == NULL) return;
  act_as_caller(request, in->umask);
  finish_entry(request, parent, name, mkdirat(parent->fd, name, in->mode) < 0);
}

static void remove_entry(struct request *request, enum operation op, int flags) {
  size_t at = 0;
  const char *name = args_text(request, &at);
  struct inode *parent = begin(request, op, name);
  if (parent == NULL) return;
  struct stat before = {0};
  bool limited = space_is_limited() && flags == 0 &&
                 fstatat(parent->fd, name, &before, AT_SYMLINK_NOFOLLOW) == 0;
  int error = unsynced_unlinkat(parent, name, flags);
  if (error == 0 && limited && before.st_nlink == 1) {
    char path[PATH_SIZE];
    inode_entry_path(parent, name, path);
    space_freed(request->worker, path, (uint64_t)before.st_size);
  }
  reply_error(request, error);
  inode_put(parent);
}

void op_unlink(struct request *request) {
  remove_entry(request, OP_UNLINK, 0);
}

void op_rmdir(struct request *request) {
  remove_entry(request, OP_RMDIR, AT_REMOVEDIR);
}

// What the kernel keeps, of a folder all that is in it, may have come to where a fault is to meet
// each look.
static void note_renamed(struct inode *from, const char *old_name, struct inode *to,
                         const char *new_name) {
  uint64_t id = inode_renamed(from, old_name, to, new_name);
  if (id != 0 && (faults_touch(OP_LOOKUP) || faults_touch(OP_GETATTR))) {
    notify_entry(id, to->id, new_name);
  }
}

static void rename_entry(struct request *request, size_t at, uint64_t new_parent, unsigned flags) {
  const char *old_name = args_text(request, &at);
  const char *new_name = args_text(request, &at);
  if (new_name == NULL || !is_entry_name(new_name)) return reply_error(request, EIO);
  if (new_parent == FUSE_ROOT_ID && control_is_name(new_name)) return reply_error(request, EPERM);
  struct inode *from = begin(request, OP_RENAME, old_name);
  if (from == NULL) return;
  struct inode *to = inode_get(new_parent);
  if (to == NULL) {
    reply_error(request, ESTALE);
  } else {
    int error = unsynced_rename(from, old_name, to, new_name, flags);
    if (error == 0) {
      note_renamed(from, old_name, to, new_name);
      if ((flags & RENAME_EXCHANGE) != 0) note_renamed(to, new_name, from, old_name);
    }
    reply_error(request, error);
    inode_put(to);
  }
  inode_put(from);
}

void op_rename(struct request *request) {
  const struct fuse_rename_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  rename_entry(request, sizeof *in, in->newdir, 0);
}

void op_rename2(struct request *request) {
  const struct fuse_rename2_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  rename_entry(request, sizeof *in, in->newdir, in->flags);
}

void op_link(struct request *request) {
  const struct fuse_link_in *in = args_struct(request, sizeof *in);
  size_t at = sizeof *in;
  if (in == NULL) return reply_error(request, EIO);
  if (control_is_node(in->oldnodeid)) return reply_error(request, EPERM);
  const char *name = args_text(request, &at);
  struct inode *parent = begin(request, OP_LINK, name);
  if (parent == NULL) return;
  struct inode *inode = inode_get(in->oldnodeid);
  if (inode == NULL) {
    reply_error(request, ESTALE);
    return inode_put(parent);
  }
  char source[16];
  snprintf(source, sizeof source, "%d", inode->fd);
  // Through /proc: the descriptor may be a link, and AT_EMPTY_PATH asks for a further privilege.
  bool failed = linkat(session.proc_fd, source, parent->fd, name, AT_SYMLINK_FOLLOW) < 0;
  if (failed) {
    reply_error(request, errno);
  } else {
    unsynced_made(parent, name);
    notify_names(inode);
    reply_entry(request, parent, name);
  }
  inode_put(inode);
  inode_put(parent);
}
