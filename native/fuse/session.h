// What the whole process shares: options, descriptors that are open for its life, what was agreed
// with the kernel, and the threads that serve it.
#ifndef KIBOSH_SESSION_H
#define KIBOSH_SESSION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "operations.h"
#include "verdict.h"

#define REQUEST_DATA_MAX (1u << 20)
#define PAGE 4096u
// A write's payload begins 80 bytes into its request: the buffer starts 80 bytes before a page, so
// that the payload is aligned as O_DIRECT wants it.
#define REQUEST_HEAD 80u
#define REQUEST_BUFFER (PAGE + REQUEST_DATA_MAX + PAGE)
#define WORKERS_MAX 64
#define RESUMERS_MAX 4
#define PATH_SIZE 4352

struct options {
  const char *target;
  const char *mountpoint;
  const char *source;   // first column of the mount table
  const char *pidfile;  // NULL for none
  const char *log;      // NULL for standard error
  mode_t control_mode;
  uint64_t seed;
  unsigned long mount_flags;
  unsigned threads;     // how many read requests at least; 1 for no more than that
  double timeout_sec;   // how long the kernel may keep names and attributes
  bool foreground;
  bool verbose;
  bool remount;         // start again, without faults, when the worker process dies
  bool cached;          // use the page cache even where direct I/O could do
  bool direct;          // direct I/O even where shared mappings are then refused
  bool passthrough;
  bool track_unsynced;
  bool parent_bound;    // end when the parent process ends
};

struct op_stats {
  _Atomic uint64_t count, errors, total_ns, max_ns;
  _Atomic uint32_t histogram[32];  // by the binary logarithm of the microseconds
};

struct fault_list;

// One serving thread. Only the thread itself touches it, but for the atomics.
struct worker {
  int device;  // its own clone of /dev/fuse
  bool used;
  bool fsetid_dropped;
  char *request_map;  // REQUEST_BUFFER bytes, page aligned
  char *reply_buffer;
  mode_t umask_now;  // see credentials.c
  _Atomic(struct fault_list *) hazard;  // the list that is being evaluated
  struct op_stats stats[OP_COUNT];
};

struct session {
  struct options options;
  int target_fd;  // O_PATH, opened before the mount
  int proc_fd;    // /proc/self/fd
  int device;     // the descriptor that the mount was made with
  dev_t own_dev;  // st_dev of the mount, 0 while unknown
  dev_t local_dev;  // st_dev of the target when closing a file there has nothing to report, or 0
  uint64_t instance;  // tells a restarted process from its predecessor
  uint64_t started_ns;
  uint64_t features;  // what was agreed in INIT
  bool direct_io;
  bool passthrough;
  int descriptors;  // how many may be open
  pid_t supervisor;  // see supervise.c
  uid_t uid;
  gid_t gid;
  _Atomic bool ending;
  _Atomic bool failed;  // it ends though it is mounted still
  _Atomic unsigned worker_count;
  struct worker workers[WORKERS_MAX + RESUMERS_MAX];
};

extern struct session session;

uint64_t now_ns(void);   // CLOCK_MONOTONIC
uint64_t wall_ns(void);  // CLOCK_REALTIME
void condition_start(pthread_cond_t *condition);  // its waits end by CLOCK_MONOTONIC

// Answers INIT on session.device; false with errno set when the kernel cannot be served.
bool session_negotiate(void);

#endif
