// The helper's command line. It is meant for `trogdor kibosh`, which checks and explains; this
// program says in one sentence what it cannot do.
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <unistd.h>

#include "log.h"
#include "mount.h"
#include "session.h"
#include "supervise.h"
#include "workers.h"

enum {
  OPT_TARGET = 256,
  OPT_PIDFILE,
  OPT_LOG,
  OPT_CONTROL_MODE,
  OPT_SEED,
  OPT_THREADS,
  OPT_TIMEOUT,
  OPT_SOURCE,
  OPT_UNMOUNT,
  OPT_FOREGROUND,
  OPT_VERBOSE,
  OPT_REMOUNT,
  OPT_CACHED,
  OPT_DIRECT,
  OPT_PASSTHROUGH,
  OPT_TRACK,
  OPT_PARENT_BOUND,
  OPT_READ_ONLY,
  OPT_NONEMPTY,
  OPT_VERSION,
};

static const struct option options[] = {
    {"target", required_argument, NULL, OPT_TARGET},
    {"pidfile", required_argument, NULL, OPT_PIDFILE},
    {"log", required_argument, NULL, OPT_LOG},
    {"control-mode", required_argument, NULL, OPT_CONTROL_MODE},
    {"random-seed", required_argument, NULL, OPT_SEED},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"source", required_argument, NULL, OPT_SOURCE},
    {"unmount", required_argument, NULL, OPT_UNMOUNT},
    {"foreground", no_argument, NULL, OPT_FOREGROUND},
    {"verbose", no_argument, NULL, OPT_VERBOSE},
    {"remount", no_argument, NULL, OPT_REMOUNT},
    {"cached", no_argument, NULL, OPT_CACHED},
    {"direct", no_argument, NULL, OPT_DIRECT},
    {"passthrough", no_argument, NULL, OPT_PASSTHROUGH},
    {"track-unsynced", no_argument, NULL, OPT_TRACK},
    {"parent-bound", no_argument, NULL, OPT_PARENT_BOUND},
    {"read-only", no_argument, NULL, OPT_READ_ONLY},
    {"nonempty", no_argument, NULL, OPT_NONEMPTY},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static bool nonempty;

static int fail(const char *problem) {
  fprintf(stderr, "kibosh: %s\n", problem);
  return 1;
}

// False for a switch that has no value.
static bool set_value(int option, char *value) {
  struct options *o = &session.options;
  switch (option) {
    case OPT_TARGET: o->target = value; return true;
    case OPT_PIDFILE: o->pidfile = value; return true;
    case OPT_LOG: o->log = value; return true;
    case OPT_SOURCE: o->source = value; return true;
    case OPT_CONTROL_MODE: o->control_mode = (mode_t)strtoul(value, NULL, 8) & 0777; return true;
    case OPT_SEED: o->seed = strtoull(value, NULL, 10); return true;
    case OPT_THREADS: o->threads = (unsigned)strtoul(value, NULL, 10); return true;
    case OPT_TIMEOUT: o->timeout_sec = strtod(value, NULL); return true;
    default: return false;
  }
}

static bool set_switch(int option) {
  struct options *o = &session.options;
  switch (option) {
    case OPT_FOREGROUND: o->foreground = true; return true;
    case OPT_VERBOSE: o->verbose = true; return true;
    case OPT_REMOUNT: o->remount = true; return true;
    case OPT_CACHED: o->cached = true; return true;
    case OPT_DIRECT: o->direct = true; return true;
    case OPT_PASSTHROUGH: o->passthrough = true; return true;
    case OPT_TRACK: o->track_unsynced = true; return true;
    case OPT_PARENT_BOUND: o->parent_bound = true; return true;
    case OPT_READ_ONLY: o->mount_flags |= MS_RDONLY; return true;
    case OPT_NONEMPTY: nonempty = true; return true;
    default: return false;
  }
}

static bool open_log(char *problem) {
  if (session.options.log == NULL) return true;
  int fd = open(session.options.log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) {
    snprintf(problem, PROBLEM_SIZE, "the log %s cannot be opened: %s", session.options.log,
             strerror(errno));
    return false;
  }
  log_open(fd);
  return true;
}

// Before anything is mounted; leaves no file behind where there was none.
static bool can_write_pidfile(char *problem) {
  const char *path = session.options.pidfile;
  if (path == NULL) return true;
  bool is_there = access(path, F_OK) == 0;
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    snprintf(problem, PROBLEM_SIZE, "the pidfile %s cannot be written: %s", path, strerror(errno));
    return false;
  }
  close(fd);
  if (!is_there) unlink(path);
  return true;
}

int main(int argc, char **argv) {
  static char resolved[PATH_MAX];
  char problem[PROBLEM_SIZE];
  session.options = (struct options){.control_mode = 0600, .timeout_sec = 1, .source = "kibosh"};
  if (getrandom(&session.options.seed, 4, 0) < 0) session.options.seed = 1;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (option == OPT_UNMOUNT) return unmount_command(optarg);
    if (option == OPT_VERSION) return puts("trogdor-kibosh 1") < 0;
    if (!set_switch(option) && !set_value(option, optarg)) return 2;
  }
  struct options *o = &session.options;
  if (o->target == NULL) return fail("--target is missing: the folder that the mount shows");
  if (optind != argc - 1) return fail("expected one mount point");
  if (o->threads == 0) o->threads = THREADS_DEFAULT;
  if (o->threads > WORKERS_MAX) o->threads = WORKERS_MAX;
  // Paths must hold when the working directory is left. The mount point is taken as it is written
  // when it cannot be resolved: it may be a dead mount.
  o->mountpoint = realpath(argv[optind], resolved) == NULL ? argv[optind] : resolved;
  if (geteuid() != 0) return fail("mounting needs root");
  if (!open_log(problem)) return fail(problem);
  if (!can_write_pidfile(problem)) return fail(problem);
  session.target_fd = mount_prepare(o->target, o->mountpoint, nonempty, problem);
  if (session.target_fd < 0) return fail(problem);
  char *target = realpath(o->target, NULL);
  if (target != NULL) o->target = target;
  return supervise();
}
