// What the faults decided about one request. Holds copies only: the list that decided may be gone
// before a delayed request goes on.
#ifndef KIBOSH_VERDICT_H
#define KIBOSH_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

enum action {
  ACT_NONE,
  ACT_ERROR,    // answer `error`
  ACT_CORRUPT,  // change the data as `mode` says
  ACT_SHORT,    // at most `limit` bytes of the request
  ACT_ROT,      // flip bits at a rate that depends on the place in the file only
  ACT_LIE,      // a sync that reports success and does nothing
  ACT_FAIL_SYNC,  // a sync that fails and loses what was not synced
};

enum corruption {
  CORRUPT_ZERO = 1000,
  CORRUPT_RANDOM = 1001,
  CORRUPT_ZERO_TAIL = 1100,
  CORRUPT_RANDOM_TAIL = 1101,
  CORRUPT_CUT = 1200,
};

struct verdict {
  bool decided;
  enum action action;
  int error;
  int mode;
  double fraction;
  uint64_t limit;
  uint64_t seed;
  uint64_t delay_ns;
  uint64_t delay_fault;  // identity of the fault that delays, to see whether it is still set
};

#endif
