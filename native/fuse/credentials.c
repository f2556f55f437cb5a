// The C library would change the identity of every thread, so these are plain system calls, which
// change that of the calling thread only.
#include "credentials.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct __user_cap_data_struct permitted[_LINUX_CAPABILITY_U32S_3];

static void set_effective(bool with_fsetid) {
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    data[i] = permitted[i];
    data[i].effective = permitted[i].permitted;
  }
  if (!with_fsetid) data[0].effective &= ~(1u << CAP_FSETID);
  syscall(SYS_capset, &head, data);
}

void credentials_start(void) {
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  syscall(SYS_capget, &head, permitted);
  // Permission was checked by the kernel; groups of whoever started us must not add to it.
  syscall(SYS_setgroups, 0, NULL);
}

void act_as_caller(struct request *request, mode_t umask_of_caller) {
  const struct fuse_in_header *caller = &request->header;
  // Nothing else makes files, so the thread keeps the umask until the next caller's differs.
  if (request->worker->umask_now != umask_of_caller) umask(umask_of_caller);
  request->worker->umask_now = umask_of_caller;
  if (caller->uid == session.uid && caller->gid == session.gid) return;
  syscall(SYS_setfsgid, caller->gid);
  syscall(SYS_setfsuid, caller->uid);
  // Leaving user 0 took the privileges over files away; the kernel did check the caller's own.
  set_effective(caller->uid == 0);
}

void act_as_self(struct request *request) {
  const struct fuse_in_header *caller = &request->header;
  if (caller->uid == session.uid && caller->gid == session.gid) return;
  syscall(SYS_setfsuid, session.uid);
  syscall(SYS_setfsgid, session.gid);
  set_effective(true);
  request->worker->fsetid_dropped = false;
}

void keep_setuid_bits(struct worker *worker, bool keep) {
  if (worker->fsetid_dropped == !keep) return;
  set_effective(keep);
  worker->fsetid_dropped = !keep;
}
