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

static bool belongs_to(const struct process *process, const char *path, const struct worker *worker) {
  if (process->start < worker->oldest_start) return false;
  if (worker->group_counts && process->start >= worker->start &&
      (process->session == worker->pid || process->group == worker->pid)) {
    return true;
  }
  return is_member(worker, process->pid) || path_has_token(path, worker->token);
}

static void visit(const struct process *process) {
  static char path[4096];
  bool is_path_read = false;
  for (struct worker *worker = workers; worker != NULL; worker = worker->next) {
    if (!worker->is_ending || process->start < worker->oldest_start) continue;
    if (!is_path_read && !read_token_path(process->pid, path, sizeof(path))) path[0] = '\0';
    is_path_read = true;
    if (!belongs_to(process, path, worker)) continue;
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
