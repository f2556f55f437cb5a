// The guard: a small process in a session of its own that outlives the agent. It reads commands from
// a pipe that only the agent holds open. When that ends, the agent is gone, however it went: all
// workers are killed, then a clean-up command runs if one was given. It also runs when a fault is over
// and the agent, which hangs, has not undone it.
//
//   guard [--cgroup FOLDER] [-- CLEAN-UP COMMAND]

#include "guard.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE_MAX_BYTES 8192
#define FIRST_PAUSE_MS 2
#define LAST_PAUSE_MS 50
#define LAST_BOUND_MS 10000

static const char *own_cgroup = "";

static void stand_apart(void) {
  setsid();
  // Whoever ends the agent's group or service must not end the guard before it has done its work.
  signal(SIGHUP, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_NAME, "trogdor-guard");
  syscall(SYS_close_range, 3u, ~0u, 0u);
  // The agent may be too busy to read answers; its end must be noticed all the same.
  fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
  if (own_cgroup[0] != '\0' && !enter_cgroup(own_cgroup)) own_cgroup = "";
  if (chdir("/") != 0) return;
}

enum input { INPUT_OPEN, INPUT_GOODBYE, INPUT_GONE };

// Obeys every whole line that is there. A line that is too long is none of the agent's.
static enum input read_commands(void) {
  static char buffer[LINE_MAX_BYTES];
  static size_t used = 0;
  for (;;) {
    ssize_t count = read(STDIN_FILENO, buffer + used, sizeof(buffer) - used);
    if (count == 0) return INPUT_GONE;
    if (count < 0) return INPUT_OPEN;
    used += (size_t)count;
    char *start = buffer;
    char *end;
    while ((end = memchr(start, '\n', used - (size_t)(start - buffer))) != NULL) {
      *end = '\0';
      if (!obey(start)) return INPUT_GOODBYE;
      start = end + 1;
    }
    used -= (size_t)(start - buffer);
    memmove(buffer, start, used);
    if (used == sizeof(buffer)) used = 0;
  }
}

static int sooner(int first_ms, int second_ms) {
  if (first_ms < 0) return second_ms;
  return second_ms < 0 || first_ms < second_ms ? first_ms : second_ms;
}

static enum input serve(void) {
  int pause_ms = FIRST_PAUSE_MS;
  for (;;) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int ready = poll(&input, 1, sooner(is_any_ending() ? pause_ms : -1, faults_wait_ms()));
    if (ready > 0) {
      pause_ms = FIRST_PAUSE_MS;
      enum input state = read_commands();
      if (state != INPUT_OPEN) return state;
    } else {
      pause_ms = pause_ms * 2 > LAST_PAUSE_MS ? LAST_PAUSE_MS : pause_ms * 2;
    }
    if (is_any_ending()) ending_pass();
    faults_pass();
  }
}

static void end_all(void) {
  for (struct worker *worker = workers; worker != NULL; worker = worker->next) {
    begin_ending(worker, 0, LAST_BOUND_MS);
  }
  int pause_ms = FIRST_PAUSE_MS;
  for (;;) {
    ending_pass();
    if (!is_any_ending()) return;
    poll(NULL, 0, pause_ms);
    pause_ms = pause_ms * 2 > LAST_PAUSE_MS ? LAST_PAUSE_MS : pause_ms * 2;
  }
}

int guard(int argc, char **argv) {
  int at = 0;
  for (; at + 1 < argc && strcmp(argv[at], "--") != 0; at += 2) {
    if (strcmp(argv[at], "--cgroup") == 0) own_cgroup = argv[at + 1];
  }
  if (at < argc) set_clean_up(argv + at + 1);
  struct process self;
  if (!read_process(getpid(), &self)) {
    fprintf(stderr, "trogdor-guard: /proc cannot be read\n");
    return 1;
  }
  own_start = self.start;
  stand_apart();
  answer("ready\n");
  enum input end = serve();
  end_all();
  if (own_cgroup[0] != '\0') remove_cgroup(own_cgroup);
  if (end == INPUT_GONE) clean_up_at_last();
  return 0;
}
