// O_PATH descriptors take no attributes themselves: each call goes by its name below /proc/self/fd,
// which is the working directory of every serving thread.
#include "xattrs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "control.h"
#include "credentials.h"
#include "faults.h"

#define LINK_SIZE 16

static struct inode *begin(struct request *request, enum operation op, char *link) {
  if (control_is_node(request->header.nodeid)) {
    reply_error(request, op == OP_GETXATTR ? ENODATA : EOPNOTSUPP);
    return NULL;
  }
  struct inode *inode = inode_get(request->header.nodeid);
  if (inode == NULL) {
    reply_error(request, ESTALE);
    return NULL;
  }
  snprintf(link, LINK_SIZE, "%d", inode->fd);
  char path[PATH_SIZE] = "";
  if (faults_touch(op)) inode_path(inode, path);
  if (!faults_gate(request, op, path, NULL, 0, 0)) return inode;
  inode_put(inode);
  return NULL;
}

void op_setxattr(struct request *request) {
  bool extended = (session.features & FUSE_SETXATTR_EXT) != 0;
  size_t at = extended ? sizeof(struct fuse_setxattr_in) : FUSE_COMPAT_SETXATTR_IN_SIZE;
  const struct fuse_setxattr_in *in = args_struct(request, at);
  if (in == NULL) return reply_error(request, EIO);
  const char *name = args_text(request, &at);
  if (name == NULL || request->args_size - at < in->size) return reply_error(request, EIO);
  char link[LINK_SIZE];
  struct inode *inode = begin(request, OP_SETXATTR, link);
  if (inode == NULL) return;
  bool kill = extended && (in->setxattr_flags & FUSE_SETXATTR_ACL_KILL_SGID) != 0;
  keep_setuid_bits(request->worker, !kill);
  int failed = setxattr(link, name, request->args + at, in->size, (int)in->flags);
  reply_error(request, failed < 0 ? errno : 0);
  inode_put(inode);
}

// Both readers: a size of 0 asks how much there is.
static void reply_value(struct request *request, ssize_t length, size_t size, const char *value) {
  if (length < 0) return reply_error(request, errno);
  if (size > 0) return reply_data(request, value, (size_t)length);
  struct fuse_getxattr_out out = {.size = (uint32_t)length};
  reply_data(request, &out, sizeof out);
}

static size_t bounded(uint32_t size) {
  return size < REQUEST_DATA_MAX ? size : REQUEST_DATA_MAX;
}

void op_getxattr(struct request *request) {
  const struct fuse_getxattr_in *in = args_struct(request, sizeof *in);
  size_t at = sizeof *in;
  if (in == NULL) return reply_error(request, EIO);
  const char *name = args_text(request, &at);
  if (name == NULL) return reply_error(request, EIO);
  char link[LINK_SIZE];
  struct inode *inode = begin(request, OP_GETXATTR, link);
  if (inode == NULL) return;
  char *value = request->worker->reply_buffer;
  size_t size = bounded(in->size);
  ssize_t length = getxattr(link, name, value, size);
  // The kernel asks for access lists to check permission; a target without them has none.
  if (length < 0 && errno == EOPNOTSUPP && strncmp(name, "system.posix_acl_", 17) == 0) {
    errno = ENODATA;
  }
  reply_value(request, length, size, value);
  inode_put(inode);
}

void op_listxattr(struct request *request) {
  const struct fuse_getxattr_in *in = args_struct(request, sizeof *in);
  if (in == NULL) return reply_error(request, EIO);
  char link[LINK_SIZE];
  struct inode *inode = begin(request, OP_LISTXATTR, link);
  if (inode == NULL) return;
  char *value = request->worker->reply_buffer;
  size_t size = bounded(in->size);
  reply_value(request, listxattr(link, value, size), size, value);
  inode_put(inode);
}

void op_removexattr(struct request *request) {
  size_t at = 0;
  const char *name = args_text(request, &at);
  if (name == NULL) return reply_error(request, EIO);
  char link[LINK_SIZE];
  struct inode *inode = begin(request, OP_REMOVEXATTR, link);
  if (inode == NULL) return;
  reply_error(request, removexattr(link, name) < 0 ? errno : 0);
  inode_put(inode);
}
