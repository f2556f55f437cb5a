// What the parts of trogdor-guard share.

#ifndef TROGDOR_GUARD_H
#define TROGDOR_GUARD_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// The variable that marks a worker's processes. Its value is a path of tokens, because a worker may
// itself start a trogdor that starts workers: outer/inner.
#define TOKEN_VARIABLE "TROGDOR_WORKER"
#define TOKEN_MAX 64
#define NAME_MAX_BYTES 16

// A process as /proc/PID/stat shows it. Pid and start time together are never used again.
struct process {
  pid_t pid;
  pid_t parent;
  pid_t group;
  pid_t session;
  unsigned long long start;
  bool is_dead;
  char name[NAME_MAX_BYTES];
};

// A worker whose processes are ended when it is asked for, or when the agent is gone.
struct worker {
  struct worker *next;
  char token[TOKEN_MAX + 1];
  // The first process, which leads a session and a group of its own; 0 while it is not known.
  pid_t pid;
  unsigned long long start;
  // Nothing older belongs to it.
  unsigned long long oldest_start;
  // "" where cgroups cannot be used.
  char *cgroup;

  bool is_ending;
  long long kill_from_ms;
  long long give_up_ms;
  int empty_passes;
  // The most that had to be killed at once, and the name of one of them.
  int killed;
  char killed_name[NAME_MAX_BYTES];

  // Of the current pass over /proc.
  bool group_counts;
  pid_t *members;
  size_t member_count;
  int alive;
};

// launch.c: becomes the leader of a session, dies with its parent, runs a command.
int launch(int argc, char **argv);

// stress.c: takes processor time, memory or descriptors.
int stress(int argc, char **argv);

// guard.c: waits for commands, and for the agent's end.
int guard(int argc, char **argv);

// commands.c: one line of the agent. False: the agent ends in good order.
bool obey(char *line);

// workers.c: the list of them.
extern struct worker *workers;
extern unsigned long long own_start;
struct worker *find_worker(const char *token);
struct worker *add_worker(const char *token, const char *cgroup);
void remove_worker(struct worker *worker);
void begin_ending(struct worker *worker, long long patience_ms, long long bound_ms);
bool is_any_ending(void);

// faults.c: ends of faults that an agent may forget, and the clean-up that undoes them.
void set_clean_up(char **command);
void watch_fault(const char *token, long long end_us);
void forget_fault(const char *token);
// How long until faults_pass has something to do; -1: never.
int faults_wait_ms(void);
void faults_pass(void);
// The agent is gone: undoes all that it left.
void clean_up_at_last(void);

// ending.c: one look at all processes; kills what belongs to workers that are ending.
void ending_pass(void);

// processes.c
bool read_process(pid_t pid, struct process *process);
bool read_token_path(pid_t pid, char *path, size_t size);
bool path_has_token(const char *path, const char *token);
void kill_process(const struct process *process);

// cgroups.c
bool enter_cgroup(const char *folder);
pid_t *cgroup_members(const char *folder, size_t *count);
void kill_cgroup(const char *folder);
void remove_cgroup(const char *folder);

// answers.c
long long now_ms(void);
long long boot_us(void);
void answer(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
