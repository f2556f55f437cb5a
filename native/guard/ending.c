// Finds and kills what belongs to workers that are ending: their session and group, their cgroup, and
// whatever has their token in its environment, which is how a process is found that called setsid and
// lost its parent. One pass over /proc serves all of them.
//
// A pid is a name that is used again. The group of a worker counts only while its leader is the
// process that was started, or is gone and the others are of its session and not older.

#include "guard.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Without a cgroup a process can hide for one pass by forking at the right moment.
#define EMPTY_PASSES_WITHOUT_CGROUP 2

static void begin_pass(struct worker *worker) {
  struct process leader;
  worker->alive = 0;
  worker->group_counts = worker->pid != 0 && (!read_process(worker->pid, &leader) ||
                                              leader.start == worker->start);
  free(worker->members);
  worker->members = cgroup_members(worker->cgroup, &worker->member_count);
}

static bool is_member(const struct worker *worker, pid_t pid) {
  for (size_t i = 0; i < worker->member_count; i++) {
    if (worker->members[i] == pid) return true;
  }
  return false;
}

// The path of tokens is read only when it decides, once for all workers.
struct candidate {
  const struct process *process;
  bool is_path_read;
  char *path;
  size_t path_size;
};

static bool has_token(struct candidate *candidate, const char *token) {
  if (!candidate->is_path_read) {
    candidate->is_path_read = true;
    if (!read_token_path(candidate->process->pid, candidate->path, candidate->path_size)) {
      candidate->path[0] = '\0';
    }
  }
  return path_has_token(candidate->path, token);
}

static bool belongs_to(struct candidate *candidate, const struct worker *worker) {
  const struct process *process = candidate->process;
  if (is_member(worker, process->pid)) return true;
  if (process->start < worker->oldest_start) return false;
  if (worker->group_counts && process->start >= worker->start &&
      (process->session == worker->pid || process->group == worker->pid)) {
    return true;
  }
  return has_token(candidate, worker->token);
}

static void visit(const struct process *process) {
  static char path[4096];
  struct candidate candidate = {.process = process, .path = path, .path_size = sizeof(path)};
  for (struct worker *worker = workers; worker != NULL; worker = worker->next) {
    if (!worker->is_ending || !belongs_to(&candidate, worker)) continue;
    worker->alive++;
    if (now_ms() < worker->kill_from_ms) continue;
    kill_process(process);
    if (worker->killed_name[0] == '\0') {
      memcpy(worker->killed_name, process->name, sizeof(worker->killed_name));
    }
  }
}

static void end_pass(struct worker *worker) {
  const char *name = worker->killed_name[0] == '\0' ? "-" : worker->killed_name;
  if (worker->alive > 0) {
    worker->empty_passes = 0;
    if (now_ms() >= worker->kill_from_ms) {
      if (worker->alive > worker->killed) worker->killed = worker->alive;
      kill_cgroup(worker->cgroup);
    }
    if (now_ms() < worker->give_up_ms) return;
    answer("left %s %d %s\n", worker->token, worker->alive, name);
    worker->is_ending = false;
    return;
  }
  worker->empty_passes++;
  if (worker->cgroup[0] == '\0' && worker->empty_passes < EMPTY_PASSES_WITHOUT_CGROUP) return;
  remove_cgroup(worker->cgroup);
  answer("gone %s %d %s\n", worker->token, worker->killed, name);
  remove_worker(worker);
}

void ending_pass(void) {
  for (struct worker *worker = workers; worker != NULL; worker = worker->next) {
    if (worker->is_ending) begin_pass(worker);
  }
  DIR *folder = opendir("/proc");
  if (folder == NULL) return;
  struct dirent *entry;
  while ((entry = readdir(folder)) != NULL) {
    pid_t pid = (pid_t)atoi(entry->d_name);
    struct process process;
    if (pid <= 0 || pid == getpid() || !read_process(pid, &process)) continue;
    if (!process.is_dead) visit(&process);
  }
  closedir(folder);
  struct worker *worker = workers;
  while (worker != NULL) {
    struct worker *next = worker->next;
    if (worker->is_ending) end_pass(worker);
    worker = next;
  }
}
