// Two processes. The worker mounts and serves; when it dies without unmounting, the supervisor
// clears the dead mount, and mounts again if it was told to. The supervisor's own death ends the
// worker.
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "mount.h"
#include "pidfile.h"
#include "serve.h"
#include "session.h"

#define RESTARTS_MAX 5
#define RESTARTS_WITHIN_NS UINT64_C(60000000000)
#define STOP_WITHIN_MS 5000

// What a worker tells its supervisor once it is ready, or why it will never be.
struct report {
  bool ready;
  dev_t own_dev;
  char problem[PROBLEM_SIZE];
};

static void send_report(int fd, const struct report *report) {
  if (write(fd, report, sizeof *report) < 0) log_event("nobody waits for this mount any more");
  close(fd);
}

static bool receive_report(int fd, struct report *report) {
  size_t used = 0;
  while (used < sizeof *report) {
    ssize_t size = read(fd, (char *)report + used, sizeof *report - used);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    used += (size_t)size;
  }
  close(fd);
  return used == sizeof *report;
}

static _Noreturn void run_worker(int report_fd) {
  struct report report = {0};
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_NAME, "kibosh");
  if (getppid() != session.supervisor) _exit(1);
  report.ready = serve_start(report.problem);
  report.own_dev = session.own_dev;
  bool ready = report.ready;
  send_report(report_fd, &report);
  if (!ready) _exit(1);
  serve();
  if (getppid() != session.supervisor) pidfile_remove();
  _exit(atomic_load(&session.failed) ? 1 : 0);
}

static pid_t start_worker(struct report *report) {
  int ends[2];
  *report = (struct report){0};
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  pid_t worker = fork();
  if (worker == 0) {
    close(ends[0]);
    run_worker(ends[1]);
  }
  close(ends[1]);
  if (worker < 0) {
    close(ends[0]);
    return -1;
  }
  if (!receive_report(ends[0], report)) {
    snprintf(report->problem, sizeof report->problem, "the file system died as it started");
  }
  return worker;
}

static void wait_ms(const sigset_t *set, int ms) {
  struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
  sigtimedwait(set, NULL, &time);
}

// Ends the worker as the supervisor was asked to: kindly, then not.
static void stop_worker(pid_t worker, const sigset_t *signals, int *status) {
  kill(worker, SIGTERM);
  for (int waited_ms = 0; waited_ms < STOP_WITHIN_MS; waited_ms += 20) {
    if (waitpid(worker, status, WNOHANG) == worker) return;
    wait_ms(signals, 20);
  }
  log_event("the file system did not end within %d ms and was killed", STOP_WITHIN_MS);
  kill(worker, SIGKILL);
  waitpid(worker, status, 0);
}

// Waits for the worker to end; true when that was asked for.
static bool wait_for_worker(pid_t worker, int *status) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGCHLD);
  for (;;) {
    if (waitpid(worker, status, WNOHANG) == worker) return false;
    int signal = sigwaitinfo(&signals, NULL);
    if (signal < 0 || signal == SIGCHLD) continue;
    stop_worker(worker, &signals, status);
    return true;
  }
}

// Whether one more start is within the limit.
static bool may_restart(uint64_t *starts, unsigned *count) {
  uint64_t now = now_ns();
  starts[(*count)++ % RESTARTS_MAX] = now;
  return *count < RESTARTS_MAX || now - starts[*count % RESTARTS_MAX] > RESTARTS_WITHIN_NS;
}

static int supervise_worker(int ready_fd) {
  session.supervisor = getpid();
  uint64_t starts[RESTARTS_MAX] = {0};
  unsigned count = 0;
  bool first = true;
  for (;;) {
    struct report report;
    pid_t worker = start_worker(&report);
    if (worker > 0 && report.ready && first) pidfile_write();
    if (first) send_report(ready_fd, &report);
    int status = 0;
    if (!report.ready) {
      if (worker > 0) waitpid(worker, &status, 0);
      if (!first) log_event("mounting again failed: %s", report.problem);
      if (!first) pidfile_remove();
      return 1;
    }
    first = false;
    bool asked = wait_for_worker(worker, &status);
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    // After a clean end the place may hold another's mount already, with the same device number.
    bool cleared = !clean && unmount(session.options.mountpoint, report.own_dev, true);
    if (asked || clean) {
      pidfile_remove();
      return 0;
    }
    log_event("the file system's process %d ended with %s %d%s", (int)worker,
              WIFSIGNALED(status) ? "signal" : "status",
              WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
              cleared ? "; its dead mount was cleared" : "");
    if (!session.options.remount || !may_restart(starts, &count)) {
      pidfile_remove();
      return 1;
    }
    log_event("mounting again, without faults");
  }
}

static void go_to_background(void) {
  setsid();
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0) {
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    if (null > 2) close(null);
  }
}

int supervise(void) {
  int ends[2];
  sigset_t signals;
  sigfillset(&signals);
  sigdelset(&signals, SIGABRT);
  sigdelset(&signals, SIGSEGV);
  sigdelset(&signals, SIGBUS);
  sigdelset(&signals, SIGFPE);
  sigdelset(&signals, SIGILL);
  sigprocmask(SIG_SETMASK, &signals, NULL);
  if (session.options.parent_bound) prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (pipe2(ends, O_CLOEXEC) < 0) return 1;
  if (!session.options.foreground) {
    pid_t background = fork();
    if (background < 0) return 1;
    if (background > 0) {
      struct report report = {0};
      close(ends[1]);
      bool told = receive_report(ends[0], &report);
      if (told && report.ready) return 0;
      fprintf(stderr, "kibosh: %s\n", told ? report.problem : "the background process died");
      return 1;
    }
    close(ends[0]);
    go_to_background();
    _exit(supervise_worker(ends[1]));
  }
  // In the foreground the same pipe tells this process; nobody else reads it.
  int result = supervise_worker(ends[1]);
  struct report report = {0};
  if (receive_report(ends[0], &report) && !report.ready) {
    fprintf(stderr, "kibosh: %s\n", report.problem);
  }
  return result;
}
