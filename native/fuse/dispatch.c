// The table of requests. What is not in it answers ENOSYS, and the kernel does without.
#include "dispatch.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attributes.h"
#include "control.h"
#include "directories.h"
#include "files.h"
#include "io.h"
#include "log.h"
#include "names.h"
#include "timers.h"
#include "unsynced.h"
#include "xattrs.h"

static void op_interrupt(struct request *request) {
  const struct fuse_interrupt_in *in = args_struct(request, sizeof *in);
  if (in != NULL) park_interrupt(in->unique);
}

static void op_destroy(struct request *request) {
  reply_error(request, 0);
}

static const struct {
  void (*serve)(struct request *request);
  enum operation op;
} table[] = {
    [FUSE_LOOKUP] = {op_lookup, OP_LOOKUP},
    [FUSE_FORGET] = {op_forget, OP_NONE},
    [FUSE_GETATTR] = {op_getattr, OP_GETATTR},
    [FUSE_SETATTR] = {op_setattr, OP_NONE},
    [FUSE_READLINK] = {op_readlink, OP_READLINK},
    [FUSE_SYMLINK] = {op_symlink, OP_SYMLINK},
    [FUSE_MKNOD] = {op_mknod, OP_MKNOD},
    [FUSE_MKDIR] = {op_mkdir, OP_MKDIR},
    [FUSE_UNLINK] = {op_unlink, OP_UNLINK},
    [FUSE_RMDIR] = {op_rmdir, OP_RMDIR},
    [FUSE_RENAME] = {op_rename, OP_RENAME},
    [FUSE_LINK] = {op_link, OP_LINK},
    [FUSE_OPEN] = {op_open, OP_OPEN},
    [FUSE_READ] = {op_read, OP_READ},
    [FUSE_WRITE] = {op_write, OP_WRITE},
    [FUSE_STATFS] = {op_statfs, OP_STATFS},
    [FUSE_RELEASE] = {op_release, OP_NONE},
    [FUSE_FSYNC] = {op_fsync, OP_FSYNC},
    [FUSE_SETXATTR] = {op_setxattr, OP_SETXATTR},
    [FUSE_GETXATTR] = {op_getxattr, OP_GETXATTR},
    [FUSE_LISTXATTR] = {op_listxattr, OP_LISTXATTR},
    [FUSE_REMOVEXATTR] = {op_removexattr, OP_REMOVEXATTR},
    [FUSE_FLUSH] = {op_flush, OP_FLUSH},
    [FUSE_OPENDIR] = {op_opendir, OP_OPENDIR},
    [FUSE_READDIR] = {op_readdir, OP_READDIR},
    [FUSE_RELEASEDIR] = {op_releasedir, OP_NONE},
    [FUSE_FSYNCDIR] = {op_fsyncdir, OP_FSYNCDIR},
    [FUSE_CREATE] = {op_create, OP_CREATE},
    [FUSE_INTERRUPT] = {op_interrupt, OP_NONE},
    [FUSE_DESTROY] = {op_destroy, OP_NONE},
    [FUSE_IOCTL] = {op_ioctl, OP_IOCTL},
    [FUSE_BATCH_FORGET] = {op_batch_forget, OP_NONE},
    [FUSE_FALLOCATE] = {op_fallocate, OP_FALLOCATE},
    [FUSE_READDIRPLUS] = {op_readdirplus, OP_READDIR},
    [FUSE_RENAME2] = {op_rename2, OP_RENAME},
    [FUSE_LSEEK] = {op_lseek, OP_LSEEK},
    [KIBOSH_TMPFILE] = {op_tmpfile, OP_CREATE},
    [KIBOSH_STATX] = {op_statx, OP_GETATTR},
};

#define TABLE_SIZE (sizeof table / sizeof table[0])

#define REQUEST(opcode) (UINT64_C(1) << (opcode))

// What changes something: a crash must not come in between of its parts.
static bool changes(uint32_t opcode) {
  const uint64_t changing =
      REQUEST(FUSE_SETATTR) | REQUEST(FUSE_SYMLINK) | REQUEST(FUSE_MKNOD) | REQUEST(FUSE_MKDIR) |
      REQUEST(FUSE_UNLINK) | REQUEST(FUSE_RMDIR) | REQUEST(FUSE_RENAME) | REQUEST(FUSE_RENAME2) |
      REQUEST(FUSE_LINK) | REQUEST(FUSE_OPEN) | REQUEST(FUSE_CREATE) | REQUEST(KIBOSH_TMPFILE) |
      REQUEST(FUSE_WRITE) | REQUEST(FUSE_FALLOCATE) | REQUEST(FUSE_FSYNC) |
      REQUEST(FUSE_FSYNCDIR);
  return (changing & REQUEST(opcode)) != 0;
}

static void count_operation(struct request *request, uint64_t started_ns) {
  if (request->op >= OP_COUNT || request->parked) return;
  if (session.options.verbose) {
    log_event("op=%s node=%llu uid=%u pid=%u error=%d", operation_name(request->op),
              (unsigned long long)request->header.nodeid, request->header.uid,
              request->header.pid, request->error);
  }
  struct op_stats *stats = &request->worker->stats[request->op];
  uint64_t took_ns = now_ns() - started_ns;
  unsigned bin = 0;
  for (uint64_t us = took_ns / 1000; us > 0 && bin < 31; us >>= 1) bin++;
  atomic_fetch_add_explicit(&stats->count, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&stats->total_ns, took_ns, memory_order_relaxed);
  atomic_fetch_add_explicit(&stats->histogram[bin], 1, memory_order_relaxed);
  if (request->error != 0) atomic_fetch_add_explicit(&stats->errors, 1, memory_order_relaxed);
  if (took_ns > atomic_load_explicit(&stats->max_ns, memory_order_relaxed)) {
    atomic_store_explicit(&stats->max_ns, took_ns, memory_order_relaxed);
  }
}

void dispatch(struct request *request) {
  uint32_t opcode = request->header.opcode;
  if (opcode >= TABLE_SIZE || table[opcode].serve == NULL) return reply_error(request, ENOSYS);
  if (request->started_ns == 0) request->started_ns = now_ns();
  request->op = table[opcode].op;
  // The virtual files stay out of it: closing one may be what brings the crash.
  bool entered =
      changes(opcode) && !control_is_node(request->header.nodeid) && unsynced_enter();
  table[opcode].serve(request);
  unsynced_leave(entered);
  count_operation(request, request->started_ns);
}

bool dispatch_message(struct worker *worker, const char *message, size_t size) {
  struct request request = {.device = worker->device, .worker = worker};
  if (size < sizeof request.header) return false;
  memcpy(&request.header, message, sizeof request.header);
  if (request.header.len != size) return false;
  // Extensions stand behind the arguments; none is used.
  size_t extensions = (size_t)request.header.total_extlen * 8;
  if (extensions > size - sizeof request.header) return false;
  request.args = message + sizeof request.header;
  request.args_size = size - sizeof request.header - extensions;
  dispatch(&request);
  return true;
}

void dispatch_prepare_thread(void) {
  // A working directory and umask of its own: see xattrs.c and credentials.c.
  if (unshare(CLONE_FS) == 0 && fchdir(session.proc_fd) == 0) umask(0);
}
