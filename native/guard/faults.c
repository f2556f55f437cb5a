// Faults that must not outlive their time. The agent tells each fault's end before it applies it. When
// a fault is over and not done a little later, the agent hangs: the clean-up command runs, which reads
// the agent's journal and undoes what is over. It runs once more when the agent is gone.

#include "guard.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// The clean-up takes a fault of a live agent for forgotten one second after its end.
#define FORGOTTEN_AFTER_US 1200000
#define RETRY_AFTER_US 2000000
// The machine's sleep does not count for poll: what is due is looked at this often.
#define LOOK_EVERY_MS 1000
#define LOOK_WHILE_RUNNING_MS 20
#define CLEAN_UP_MAX_S 60
// The agent is gone: what cannot be undone now, as somebody holds a lock, can be a little later.
#define LAST_TRIES_MS 600000
// It says with this that it was called in a wrong way or lacks its configuration: no time helps.
#define EXIT_MISUSED 2
#define LAST_TRIES_MISUSED 3
#define LAST_FIRST_PAUSE_MS 100
#define LAST_PAUSE_MAX_MS 10000
// A clean-up that has begun before the agent went leaves alone what was not over.
#define LAST_WAIT_MS 500

struct fault {
  struct fault *next;
  char token[TOKEN_MAX + 1];
  long long due_us;
};

static struct fault *faults = NULL;
static char **clean_up = NULL;
static pid_t running = 0;
static long long began_us = 0;

void set_clean_up(char **command) {
  if (command[0] != NULL) clean_up = command;
}

void forget_fault(const char *token) {
  for (struct fault **link = &faults; *link != NULL; link = &(*link)->next) {
    if (strcmp((*link)->token, token) != 0) continue;
    struct fault *fault = *link;
    *link = fault->next;
    free(fault);
    return;
  }
}

void watch_fault(const char *token, long long end_us) {
  forget_fault(token);
  struct fault *fault = calloc(1, sizeof(struct fault));
  if (fault == NULL) abort();
  snprintf(fault->token, sizeof(fault->token), "%s", token);
  fault->due_us = end_us + FORGOTTEN_AFTER_US;
  fault->next = faults;
  faults = fault;
}

int faults_wait_ms(void) {
  if (running != 0) return LOOK_WHILE_RUNNING_MS;
  if (clean_up == NULL) return -1;
  int wait_ms = -1;
  for (struct fault *fault = faults; fault != NULL; fault = fault->next) {
    long long rest_ms = (fault->due_us - boot_us()) / 1000 + 1;
    int this_ms = rest_ms < 0 ? 0 : rest_ms > LOOK_EVERY_MS ? LOOK_EVERY_MS : (int)rest_ms;
    if (wait_ms < 0 || this_ms < wait_ms) wait_ms = this_ms;
  }
  return wait_ms;
}

static pid_t start_clean_up(void) {
  pid_t child = fork();
  if (child != 0) return child;
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  // What it says may find no reader; that must not end it.
  signal(SIGPIPE, SIG_IGN);
  alarm(CLEAN_UP_MAX_S);
  execvp(clean_up[0], clean_up);
  _exit(127);
}

static bool succeeded(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

// What was over when a clean-up that succeeded began is undone; all else is tried again later.
static void collect(int status) {
  struct fault **link = &faults;
  while (*link != NULL) {
    struct fault *fault = *link;
    if (fault->due_us > began_us) {
      link = &fault->next;
    } else if (succeeded(status)) {
      *link = fault->next;
      free(fault);
    } else {
      fault->due_us = boot_us() + RETRY_AFTER_US;
      link = &fault->next;
    }
  }
}

void faults_pass(void) {
  int status;
  if (running != 0) {
    if (waitpid(running, &status, WNOHANG) != running) return;
    running = 0;
    collect(status);
  }
  if (faults_wait_ms() != 0) return;
  began_us = boot_us();
  running = start_clean_up();
  if (running > 0) return;
  running = 0;
  collect(-1);
}

void clean_up_at_last(void) {
  int status;
  for (int waited = 0; running != 0 && waited < LAST_WAIT_MS; waited += LOOK_WHILE_RUNNING_MS) {
    if (waitpid(running, &status, WNOHANG) != 0) break;
    poll(NULL, 0, LOOK_WHILE_RUNNING_MS);
  }
  if (clean_up == NULL) return;
  long long give_up_ms = now_ms() + LAST_TRIES_MS;
  int pause_ms = LAST_FIRST_PAUSE_MS;
  for (int misused = 0; misused < LAST_TRIES_MISUSED;) {
    pid_t child = start_clean_up();
    bool has_ended = child > 0 && waitpid(child, &status, 0) == child;
    if (has_ended && succeeded(status)) return;
    if (has_ended && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_MISUSED) misused++;
    if (now_ms() >= give_up_ms) return;
    poll(NULL, 0, pause_ms);
    pause_ms = pause_ms * 2 > LAST_PAUSE_MAX_MS ? LAST_PAUSE_MAX_MS : pause_ms * 2;
  }
}
