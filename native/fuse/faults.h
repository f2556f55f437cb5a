// The list of faults in force. A list never changes after it was published, but for their states;
// a new document makes a new list, swapped in at once.
#ifndef KIBOSH_FAULTS_H
#define KIBOSH_FAULTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault-states.h"
#include "handles.h"
#include "wire.h"

enum fault_type {
  FAULT_UNREADABLE,
  FAULT_UNWRITABLE,
  FAULT_READ_DELAY,
  FAULT_WRITE_DELAY,
  FAULT_READ_CORRUPT,
  FAULT_WRITE_CORRUPT,
  FAULT_REFERENCE_TYPES,
  FAULT_ERROR = FAULT_REFERENCE_TYPES,
  FAULT_DELAY,
  FAULT_BANDWIDTH,
  FAULT_SHORT,
  FAULT_CORRUPT,
  FAULT_BIT_ROT,
  FAULT_FULL_DISK,
  FAULT_READ_ONLY,
  FAULT_OPEN_LIMIT,
  FAULT_FAILED_SYNC,
  FAULT_LOSE_UNSYNCED,
  FAULT_TYPES,
};

enum distribution { DIST_FIXED, DIST_UNIFORM, DIST_NORMAL, DIST_PARETO };

struct text {
  const char *at;  // NULL when it was not given
  size_t length;
};

struct fault {
  uint64_t ops;
  enum fault_type type;
  struct text raw;    // as it stands in the document
  uint64_t identity;  // equal for equal text, but for white space

  // What it applies to.
  struct text prefix, suffix, glob, comm;
  int64_t pid, uid;   // -1 for any
  uint64_t min_size, max_size, min_offset, max_offset;

  // When it fires.
  uint64_t after, every;
  double probability;
  int64_t count;      // -1 for ever
  uint64_t duration_ns;

  // What it does.
  int error;
  int mode;
  double fraction;    // of bytes; of a whole request for the reference's delays
  enum distribution distribution;
  double delay_ms, jitter_ms, shape, max_ms;
  double bytes_per_sec;
  uint64_t limit;
  double percent;     // of the disk, -1 when not given
  bool goes_on;       // later faults have a turn too
  bool torn;

  struct fault_state *state;  // what happened so far
};

// The first bytes of a fault's prefix, and a mask of as many.
struct prefix_head {
  uint64_t bytes, mask;
};

struct fault_list {
  uint64_t generation;
  uint64_t ops;       // of all faults together
  size_t count;
  struct fault *faults;
  struct prefix_head *heads;  // of each fault: side by side, since they tell most paths apart
  char *text;         // the document, which the texts above point into or were decoded from
  size_t text_size;
  struct json_document *json;
  uint64_t crash_id;  // 0 when the document asks for none
  char *warnings;     // a line each; NULL when there are none
  struct fault_list *retired;
};

extern const char *const fault_type_names[FAULT_TYPES];

// The list that is in force, for a thread that reads it: pair with faults_leave.
struct fault_list *faults_enter(struct worker *worker);
void faults_leave(struct worker *worker);
// Publishes a list, and retires one that was replaced: it is freed when nobody reads it any more.
// One thread at a time may call these.
void faults_publish(struct fault_list *list);
void faults_retire(struct fault_list *list);
void faults_free(struct fault_list *list);
bool faults_touch(enum operation op);  // whether any fault is set for such operations

// Decides about a request and answers it or parks it if a fault says so: true when the handler has
// nothing more to do. `path` is what the fault matches, "" matches none.
bool faults_gate(struct request *request, enum operation op, const char *path,
                 struct handle *handle, uint64_t offset, uint64_t size);
// The decision alone, for requests whose data must be read first.
void faults_decide(struct request *request, enum operation op, const char *path,
                   struct handle *handle, uint64_t offset, uint64_t size);

// Whether any fault for one of these operations is for that path.
bool faults_reach(struct worker *worker, uint64_t ops, const char *path);

// A path as faults are compared with it.
struct match_path {
  const char *text;
  size_t length;
  uint64_t head;
};
struct match_path match_path_of(const char *text);
struct prefix_head prefix_head_of(const struct text *prefix);
// The first fault from this one on whose prefix may be the path's; the list's count for none.
size_t fault_next(const struct fault_list *list, size_t from, const struct match_path *path);
bool fault_matches(const struct fault *fault, const struct match_path *path);
bool fault_path_matches(const struct fault *fault, const char *path);
bool glob_matches(const char *pattern, size_t length, const char *path);
// Uniform in [0, 1), the n-th draw of a fault: the same for the same seed, whichever thread draws.
double fault_draw(const struct fault *fault, size_t index, uint64_t n, uint64_t salt);
uint64_t mix64(uint64_t value);

#endif
