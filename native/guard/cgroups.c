// A cgroup for each worker, where the agent may make one: nothing that the worker starts can leave it
// without being root. Version 2 kills a cgroup in one step; of version 1 the members are listed.

#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_in(const char *folder, const char *name, int flags) {
  char path[4096];
  int length = snprintf(path, sizeof(path), "%s/%s", folder, name);
  if (length < 0 || (size_t)length >= sizeof(path)) return -1;
  return open(path, flags | O_CLOEXEC);
}

static bool write_in(const char *folder, const char *name, const char *text) {
  int file = open_in(folder, name, O_WRONLY);
  if (file < 0) return false;
  bool is_written = write(file, text, strlen(text)) == (ssize_t)strlen(text);
  close(file);
  return is_written;
}

bool enter_cgroup(const char *folder) {
  if (mkdir(folder, 0755) != 0 && errno != EEXIST) return false;
  if (write_in(folder, "cgroup.procs", "0")) return true;
  rmdir(folder);
  return false;
}

pid_t *cgroup_members(const char *folder, size_t *count) {
  *count = 0;
  if (folder[0] == '\0') return NULL;
  int file = open_in(folder, "cgroup.procs", O_RDONLY);
  if (file < 0) return NULL;
  FILE *stream = fdopen(file, "r");
  if (stream == NULL) {
    close(file);
    return NULL;
  }
  pid_t *members = NULL;
  size_t room = 0;
  int pid;
  while (fscanf(stream, "%d", &pid) == 1) {
    if (*count == room) {
      room = room == 0 ? 64 : room * 2;
      pid_t *more = realloc(members, room * sizeof(pid_t));
      if (more == NULL) break;
      members = more;
    }
    members[(*count)++] = (pid_t)pid;
  }
  fclose(stream);
  return members;
}

void kill_cgroup(const char *folder) {
  if (folder[0] != '\0') write_in(folder, "cgroup.kill", "1");
}

// A process cannot be in a cgroup that is removed: whoever removes its own goes one level up first.
void remove_cgroup(const char *folder) {
  if (folder[0] == '\0' || rmdir(folder) == 0 || errno == ENOENT) return;
  char parent[4096];
  snprintf(parent, sizeof(parent), "%s", folder);
  char *slash = strrchr(parent, '/');
  if (slash == NULL) return;
  *slash = '\0';
  size_t count = 0;
  pid_t *members = cgroup_members(folder, &count);
  if (count == 1 && members[0] == getpid()) write_in(parent, "cgroup.procs", "0");
  free(members);
  rmdir(folder);
}
