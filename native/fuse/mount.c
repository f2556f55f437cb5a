// A daemon that looks into its own mount waits for itself: whatever could lead there is refused.
// The target is opened before the mount, so that it may be the mount point itself.
#include "mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "mount-table.h"
#include "session.h"

#define PROBE_MS 2000

static int fail(char *problem, const char *format, const char *path, const char *rest) {
  snprintf(problem, PROBLEM_SIZE, format, path, rest);
  return -1;
}

// Whether a mount answers: asked by a child, since the question may never be answered.
static bool is_dead(const char *path) {
  pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    // Unlike attributes, this is never answered from a cache.
    struct statfs status;
    _exit(statfs(path, &status) < 0 && errno == ENOTCONN ? 1 : 0);
  }
  int status = 0;
  for (int waited_ms = 0; waited_ms < PROBE_MS; waited_ms += 10) {
    if (waitpid(child, &status, WNOHANG) == child) {
      return WIFEXITED(status) && WEXITSTATUS(status) == 1;
    }
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  kill(child, SIGKILL);
  return false;
}

static bool clear_stale(const char *mountpoint, char *problem) {
  struct mount_entry entry;
  while (mount_at(mountpoint, &entry) && mount_is_ours(&entry)) {
    if (!is_dead(mountpoint)) {
      fail(problem, "%s is a Kibosh mount already%s: unmount it first", mountpoint, "");
      return false;
    }
    log_event("found a dead Kibosh mount on %s and cleared it", mountpoint);
    if (umount2(mountpoint, MNT_DETACH) < 0) {
      fail(problem, "%s is a dead mount and cannot be cleared: %s", mountpoint, strerror(errno));
      return false;
    }
  }
  return true;
}

static bool lies_in_ours(int fd, const char *what, const char *path, char *problem) {
  struct mount_entry entry;
  if (!mount_of(fd, &entry) || !mount_is_ours(&entry)) return false;
  snprintf(problem, PROBLEM_SIZE,
           "the %s %s lies inside the Kibosh mount on %s: choose a folder outside of it", what,
           path, entry.path);
  return true;
}

static int same_file(int a, int b) {
  struct stat first, second;
  if (fstat(a, &first) < 0 || fstat(b, &second) < 0) return -1;
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// How far the target lies above the mount point: 0 for the same folder, -1 when it does not.
static int depth_below(int target, int mountpoint) {
  int at = dup(mountpoint);
  for (int depth = 0; at >= 0 && depth < 4096; depth++) {
    if (same_file(at, target) == 1) {
      close(at);
      return depth;
    }
    int up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool top = up < 0 || same_file(up, at) == 1;
    close(at);
    at = up;
    if (top) break;
  }
  if (at >= 0) close(at);
  return -1;
}

static bool is_empty(int fd) {
  int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = copy < 0 ? NULL : fdopendir(copy);
  if (directory == NULL) return true;
  int entries = 0;
  while (entries < 3 && readdir(directory) != NULL) entries++;
  closedir(directory);
  return entries < 3;
}

static int open_folder(const char *path, const char *what, char *problem) {
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) return fd;
  if (errno == ENOTDIR) return fail(problem, "the %s %s is not a folder", what, path);
  if (errno == ENOENT) return fail(problem, "the %s %s does not exist", what, path);
  snprintf(problem, PROBLEM_SIZE, "the %s %s cannot be opened: %s", what, path, strerror(errno));
  return -1;
}

static bool layout_is_good(const char *target, int target_fd, const char *mountpoint,
                           int mountpoint_fd, bool nonempty, char *problem) {
  if (lies_in_ours(target_fd, "target", target, problem)) return false;
  if (lies_in_ours(mountpoint_fd, "mount point", mountpoint, problem)) return false;
  int depth = depth_below(target_fd, mountpoint_fd);
  if (depth > 0) {
    snprintf(problem, PROBLEM_SIZE,
             "the mount point %s lies inside the target %s: mount over the target itself, or "
             "choose a folder outside of it",
             mountpoint, target);
    return false;
  }
  if (depth < 0 && !nonempty && !is_empty(mountpoint_fd)) {
    fail(problem, "the mount point %s is not empty%s: choose an empty folder, the target itself, "
                  "or add -o nonempty", mountpoint, "");
    return false;
  }
  return true;
}

int mount_prepare(const char *target, const char *mountpoint, bool nonempty, char *problem) {
  if (!clear_stale(mountpoint, problem)) return -1;
  int target_fd = open_folder(target, "target", problem);
  if (target_fd < 0) return -1;
  int mountpoint_fd = open_folder(mountpoint, "mount point", problem);
  bool good = mountpoint_fd >= 0 && layout_is_good(target, target_fd, mountpoint, mountpoint_fd,
                                                   nonempty, problem);
  if (mountpoint_fd >= 0) close(mountpoint_fd);
  if (good) return target_fd;
  close(target_fd);
  return -1;
}

bool mount_now(char *problem) {
  session.device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (session.device < 0) {
    fail(problem, "%s cannot be opened: %s; run as root, in a container with --device /dev/fuse",
         "/dev/fuse", strerror(errno));
    return false;
  }
  char data[256];
  snprintf(data, sizeof data,
           "fd=%d,rootmode=40755,user_id=%u,group_id=%u,default_permissions,allow_other",
           session.device, session.uid, session.gid);
  const struct options *options = &session.options;
  unsigned long flags = MS_NOSUID | MS_NODEV | options->mount_flags;
  if (mount(options->source, options->mountpoint, "fuse.kibosh", flags, data) < 0) {
    snprintf(problem, PROBLEM_SIZE, "mounting on %s failed: %s%s", options->mountpoint,
             strerror(errno),
             errno == EPERM ? "; it needs root, in a container CAP_SYS_ADMIN too" : "");
    return false;
  }
  struct mount_entry entry;
  if (mount_at(options->mountpoint, &entry)) session.own_dev = entry.device;
  return true;
}

bool unmount(const char *mountpoint, dev_t own, bool force) {
  struct mount_entry entry;
  if (!mount_at(mountpoint, &entry) || entry.device != own) return false;
  if (!force && umount2(mountpoint, UMOUNT_NOFOLLOW) == 0) return true;
  return umount2(mountpoint, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
}

int unmount_command(const char *mountpoint) {
  struct mount_entry entry;
  if (!mount_at(mountpoint, &entry) || !mount_is_ours(&entry)) {
    fprintf(stderr, "%s is not a Kibosh mount\n", mountpoint);
    return 1;
  }
  if (umount2(mountpoint, UMOUNT_NOFOLLOW) == 0) return 0;
  int error = errno;
  if (error == EBUSY && umount2(mountpoint, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    fprintf(stderr, "%s was busy: it is gone from the tree, and ends with the last file that is "
                    "open in it\n", mountpoint);
    return 0;
  }
  fprintf(stderr, "unmounting %s failed: %s\n", mountpoint, strerror(error));
  return 1;
}
