// The workers that the guard knows.

#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct worker *workers = NULL;
unsigned long long own_start = 0;

struct worker *find_worker(const char *token) {
  struct worker *worker = workers;
  while (worker != NULL && strcmp(worker->token, token) != 0) worker = worker->next;
  return worker;
}

struct worker *add_worker(const char *token, const char *cgroup) {
  struct worker *worker = calloc(1, sizeof(struct worker));
  if (worker == NULL) abort();
  snprintf(worker->token, sizeof(worker->token), "%s", token);
  worker->cgroup = strdup(cgroup);
  if (worker->cgroup == NULL) abort();
  worker->oldest_start = own_start;
  worker->next = workers;
  workers = worker;
  return worker;
}

void remove_worker(struct worker *worker) {
  struct worker **link = &workers;
  while (*link != worker) link = &(*link)->next;
  *link = worker->next;
  free(worker->cgroup);
  free(worker->members);
  free(worker);
}

void begin_ending(struct worker *worker, long long patience_ms, long long bound_ms) {
  long long kill_from_ms = now_ms() + patience_ms;
  if (!worker->is_ending || kill_from_ms < worker->kill_from_ms) {
    worker->kill_from_ms = kill_from_ms;
  }
  worker->give_up_ms = now_ms() + bound_ms;
  worker->is_ending = true;
}

bool is_any_ending(void) {
  for (struct worker *worker = workers; worker != NULL; worker = worker->next) {
    if (worker->is_ending) return true;
  }
  return false;
}
