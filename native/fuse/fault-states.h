// What is remembered of a fault while it is in force: its counters, and when it was set. It belongs
// to the fault, not to the document: when a new document has the same fault, it goes on.
#ifndef KIBOSH_FAULT_STATES_H
#define KIBOSH_FAULT_STATES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct fault_list;

// `left` counts down from the fault's count; the others mean what their types need.
struct fault_state {
  _Atomic int holders;
  bool carried;  // it was in force before the document that it is part of
  uint64_t set_ns;
  _Atomic uint64_t matched, applied;
  _Atomic int64_t left;
  _Atomic uint64_t next_free_ns;
  _Atomic int64_t bytes_left;
  _Atomic uint64_t last_hit_ns;
};

struct fault_state *fault_state_new(void);  // NULL when memory is short
void fault_state_put(struct fault_state *state);
// Gives the faults of a list that is not in force yet the states of equal faults in one that is.
void fault_states_carry_over(struct fault_list *list, const struct fault_list *before);

#endif
