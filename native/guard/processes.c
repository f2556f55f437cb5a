// One process: what /proc says about it, and how it is killed without hitting another one.

#include "guard.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel bounds arguments and environment by a quarter of the stack's limit: 2 MiB by default.
#define ENVIRONMENT_MAX (4 << 20)

static ssize_t read_proc_file(pid_t pid, const char *name, char *buffer, size_t size) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  size_t used = 0;
  for (;;) {
    ssize_t count = read(file, buffer + used, size - used);
    if (count <= 0) break;
    used += (size_t)count;
    if (used == size) break;
  }
  close(file);
  return (ssize_t)used;
}

// "PID (NAME) STATE PARENT GROUP SESSION ...": a name may hold blanks and parentheses, so the last
// parenthesis counts. Thread count and start time are the fields 20 and 22.
bool read_process(pid_t pid, struct process *process) {
  char text[2048];
  ssize_t size = read_proc_file(pid, "stat", text, sizeof(text) - 1);
  if (size <= 0) return false;
  text[size] = '\0';
  char *open = strchr(text, '(');
  char *close = strrchr(text, ')');
  if (open == NULL || close == NULL || close < open) return false;
  *close = '\0';
  memset(process, 0, sizeof(*process));
  process->pid = pid;
  snprintf(process->name, sizeof(process->name), "%s", open + 1);
  char state = 0;
  long threads = 0;
  int parent = 0, group = 0, session = 0;
  int found = sscanf(close + 1,
                     " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %llu",
                     &state, &parent, &group, &session, &threads, &process->start);
  if (found != 6) return false;
  process->parent = parent;
  process->group = group;
  process->session = session;
  // The first thread of a process may have ended while others go on.
  process->is_dead = (state == 'Z' || state == 'X') && threads <= 1;
  return true;
}

bool read_token_path(pid_t pid, char *path, size_t size) {
  static char environment[ENVIRONMENT_MAX + 1];
  static const char name[] = TOKEN_VARIABLE "=";
  ssize_t used = read_proc_file(pid, "environ", environment, ENVIRONMENT_MAX);
  if (used <= 0) return false;
  environment[used] = '\0';
  for (char *at = environment; at < environment + used; at += strlen(at) + 1) {
    if (strncmp(at, name, sizeof(name) - 1) != 0) continue;
    snprintf(path, size, "%s", at + sizeof(name) - 1);
    return true;
  }
  return false;
}

bool path_has_token(const char *path, const char *token) {
  size_t length = strlen(token);
  for (const char *at = path; *at != '\0';) {
    const char *end = strchrnul(at, '/');
    if ((size_t)(end - at) == length && memcmp(at, token, length) == 0) return true;
    at = *end == '/' ? end + 1 : end;
  }
  return false;
}

// A descriptor of a process stays with it, so between the look and the kill nobody can take its pid.
void kill_process(const struct process *process) {
  int handle = (int)syscall(SYS_pidfd_open, process->pid, 0);
  struct process now;
  if (!read_process(process->pid, &now) || now.start != process->start) {
    if (handle >= 0) close(handle);
    return;
  }
  if (handle < 0) {
    kill(process->pid, SIGKILL);
    return;
  }
  syscall(SYS_pidfd_send_signal, handle, SIGKILL, NULL, 0);
  close(handle);
}
