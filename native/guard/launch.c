// Starts a worker: a session of its own, so that it can be signalled as a group; the kernel's promise
// that it dies with its parent; a cgroup where that is allowed; a lower priority. Then it becomes the
// command.

#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void reset_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
}

// A script without #! is one for the shell, as execvp of glibc and Java have it.
static void run_as_script(char **command) {
  int count = 0;
  while (command[count] != NULL) count++;
  char **shell = calloc((size_t)count + 2, sizeof(char *));
  if (shell == NULL) return;
  shell[0] = "/bin/sh";
  for (int i = 0; i < count; i++) shell[i + 1] = command[i];
  execv(shell[0], shell);
}

int launch(int argc, char **argv) {
  pid_t parent = 0;
  int priority = 0;
  const char *cgroup = "";
  const char *token = "-";
  int at = 0;
  for (; at + 1 < argc && strcmp(argv[at], "--") != 0; at += 2) {
    const char *value = argv[at + 1];
    if (strcmp(argv[at], "--parent") == 0) parent = (pid_t)atoi(value);
    if (strcmp(argv[at], "--nice") == 0) priority = atoi(value);
    if (strcmp(argv[at], "--cgroup") == 0) cgroup = value;
    if (strcmp(argv[at], "--token") == 0) token = value;
  }
  char **command = argv + at + 1;
  if (at >= argc || command[0] == NULL) {
    fprintf(stderr, "trogdor-guard launch: expected a command behind --\n");
    return 2;
  }
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have died before that.
  if (parent != 0 && getppid() != parent) return 1;
  if (cgroup[0] != '\0') enter_cgroup(cgroup);
  if (priority != 0 && nice(priority) == -1) errno = 0;
  syscall(SYS_close_range, 3u, ~0u, 0u);
  reset_signals();
  execvp(command[0], command);
  if (errno == ENOEXEC) run_as_script(command);
  // The token tells this line from all that a command could write. One write, so that it is read
  // in one piece.
  char line[256];
  int length = snprintf(line, sizeof(line), "trogdor-launch %s error=%d, %s\n", token, errno,
                        strerror(errno));
  if (write(STDERR_FILENO, line, (size_t)length) < 0) return 126;
  return 127;
}
