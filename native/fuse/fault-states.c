// Two people who add faults one after the other write a document each. The second document must not
// fill up again what the first one's faults have used: their counts, their time, their disk.
#include "fault-states.h"

#include <stdlib.h>

#include "faults.h"

struct fault_state *fault_state_new(void) {
  struct fault_state *state = calloc(1, sizeof *state);
  if (state == NULL) return NULL;
  atomic_store(&state->holders, 1);
  atomic_store(&state->left, -1);
  state->set_ns = now_ns();
  return state;
}

void fault_state_put(struct fault_state *state) {
  if (state != NULL && atomic_fetch_sub(&state->holders, 1) == 1) free(state);
}

// Faults by identity, those that are equal in the order of their list.
static int compare(const void *left, const void *right) {
  const struct fault *a = *(struct fault *const *)left, *b = *(struct fault *const *)right;
  if (a->identity != b->identity) return a->identity < b->identity ? -1 : 1;
  return a < b ? -1 : a > b;
}

static struct fault **sorted(const struct fault_list *list) {
  struct fault **faults = calloc(list->count + 1, sizeof(struct fault *));
  if (faults == NULL) return NULL;
  for (size_t i = 0; i < list->count; i++) faults[i] = &list->faults[i];
  qsort(faults, list->count, sizeof(struct fault *), compare);
  return faults;
}

static void carry_over(struct fault *fault, const struct fault *before) {
  fault_state_put(fault->state);
  fault->state = before->state;
  atomic_fetch_add(&fault->state->holders, 1);
  fault->state->carried = true;
}

void fault_states_carry_over(struct fault_list *list, const struct fault_list *before) {
  struct fault **fresh = sorted(list), **old = sorted(before);
  size_t i = 0, j = 0;
  while (fresh != NULL && old != NULL && i < list->count && j < before->count) {
    if (fresh[i]->identity == old[j]->identity) {
      carry_over(fresh[i++], old[j++]);
    } else if (fresh[i]->identity < old[j]->identity) {
      i++;
    } else {
      j++;
    }
  }
  free(fresh);
  free(old);
}
