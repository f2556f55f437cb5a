// What the agent says, one line each:
//
//   worker TOKEN CGROUP         a worker is about to be started; CGROUP is a folder or -
//   pid TOKEN PID START         its first process, with the start time of /proc/PID/stat
//   end TOKEN PATIENCE BOUND    kill what is not gone after PATIENCE ms; give up after BOUND ms
//   fault TOKEN END             a fault that ends at END on the boot clock (microseconds); when it is
//                               over and not done, the clean-up command runs beside the agent
//   fault-done TOKEN            it was undone
//   bye                         the agent ends in good order: no clean-up
//
// and what the guard answers:
//
//   ready                       it stands apart from the agent
//   gone TOKEN COUNT NAME       nothing is left; COUNT had to be killed, one of them called NAME
//   left TOKEN COUNT NAME       COUNT are still there after BOUND
//
// Lines that it does not know are left alone.

#include "guard.h"

#include <stdlib.h>
#include <string.h>

static char *next_word(char **rest) {
  char *word = strsep(rest, " ");
  return word == NULL ? "" : word;
}

bool obey(char *line) {
  char *rest = line;
  const char *verb = next_word(&rest);
  if (strcmp(verb, "bye") == 0) return false;
  const char *token = next_word(&rest);
  if (token[0] == '\0' || strlen(token) > TOKEN_MAX) return true;
  if (strcmp(verb, "worker") == 0) {
    const char *cgroup = rest == NULL || strcmp(rest, "-") == 0 ? "" : rest;
    if (find_worker(token) == NULL) add_worker(token, cgroup);
    return true;
  }
  if (strcmp(verb, "fault") == 0) {
    watch_fault(token, atoll(next_word(&rest)));
    return true;
  }
  if (strcmp(verb, "fault-done") == 0) {
    forget_fault(token);
    return true;
  }
  struct worker *worker = find_worker(token);
  if (strcmp(verb, "pid") == 0 && worker != NULL) {
    worker->pid = (pid_t)atoi(next_word(&rest));
    worker->start = strtoull(next_word(&rest), NULL, 10);
    if (worker->start < worker->oldest_start) worker->oldest_start = worker->start;
  } else if (strcmp(verb, "end") == 0) {
    long long patience_ms = atoll(next_word(&rest));
    long long bound_ms = atoll(next_word(&rest));
    if (worker == NULL) answer("gone %s 0 -\n", token);
    else begin_ending(worker, patience_ms, bound_ms);
  }
  return true;
}
