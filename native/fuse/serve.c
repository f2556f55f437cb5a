// Starts what a mount needs, in order, and waits for the signal or the unmount that ends it.
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "credentials.h"
#include "inodes.h"
#include "log.h"
#include "mount.h"
#include "notify.h"
#include "pidfile.h"
#include "session.h"
#include "timers.h"
#include "unsynced.h"
#include "workers.h"

#define END_WITHIN_MS 1000

// Each inode and each open file costs a descriptor.
static void raise_limits(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  struct rlimit most = {1048576, limit.rlim_max > 1048576 ? limit.rlim_max : 1048576};
  if (setrlimit(RLIMIT_NOFILE, &most) < 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  session.descriptors = limit.rlim_cur > 1048576 ? 1048576 : (int)limit.rlim_cur;
}

// On these every error is known before a file is closed; on others, as on a network, it is not.
static void look_at_target(void) {
  // ext4, XFS, Btrfs, tmpfs and F2FS.
  static const unsigned long local[] = {0xef53, 0x58465342, 0x9123683e, 0x01021994, 0xf2f52010};
  struct statfs kind;
  struct stat status;
  if (fstatfs(session.target_fd, &kind) < 0) return;
  if (fstatat(session.target_fd, "", &status, AT_EMPTY_PATH) < 0) return;
  for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
    if ((unsigned long)kind.f_type == local[i]) session.local_dev = status.st_dev;
  }
}

static bool fail(char *problem, const char *what) {
  snprintf(problem, PROBLEM_SIZE, "%s: %s", what, strerror(errno));
  return false;
}

bool serve_start(char *problem) {
  session.uid = getuid();
  session.gid = getgid();
  session.started_ns = now_ns();
  if (getrandom(&session.instance, sizeof session.instance, 0) < 0) session.instance = now_ns();
  signal(SIGPIPE, SIG_IGN);
  umask(0);
  raise_limits();
  credentials_start();
  session.proc_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (session.proc_fd < 0) return fail(problem, "/proc/self/fd is needed and cannot be opened");
  if (chdir("/") < 0) return fail(problem, "the folder / cannot be entered");
  if (!inodes_start(session.target_fd)) return fail(problem, "the target cannot be read");
  unsynced_clean();
  look_at_target();
  if (!control_start()) return fail(problem, "there is not enough memory");
  if (!mount_now(problem)) return false;
  if (!session_negotiate()) {
    fail(problem, "the kernel does not speak a FUSE protocol that is known here");
    unmount(session.options.mountpoint, session.own_dev, true);
    return false;
  }
  log_event("mounted target=%s mountpoint=%s seed=%llu pid=%d directIo=%d threads=%u",
            session.options.target, session.options.mountpoint,
            (unsigned long long)session.options.seed, (int)getpid(), session.direct_io,
            session.options.threads);
  return true;
}

// Waits for signals, so that no handler runs within anything. Unmounts as they ask.
static void *wait_for_signals(void *unused) {
  (void)unused;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  int signal;
  while (sigwait(&signals, &signal) != 0) {
  }
  log_event("unmounting, asked by signal %d", signal);
  park_release_all();
  unmount(session.options.mountpoint, session.own_dev, false);
  // When files are still open the kernel keeps the connection: its end is the end of this process.
  for (int waited_ms = 0; waited_ms < END_WITHIN_MS; waited_ms += 10) {
    if (atomic_load(&session.ending)) return NULL;
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  log_event("files were still open: they answer ENOTCONN from now on");
  unsynced_clean();
  pidfile_remove();
  _exit(0);
}

void serve(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, wait_for_signals, NULL) == 0) pthread_detach(thread);
  if (!notify_start()) log_event("cached pages will not be dropped: no thread could be made");
  workers_serve();
  unsynced_clean();
  log_event("unmounted");
}
