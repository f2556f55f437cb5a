// The packets that wait, as a binary heap by the time at which they are due. Equal times keep no
// order, as in netem with jitter.

#include "queue.h"

#include <stdlib.h>

static struct waiting *items = NULL;
static size_t count = 0;
static size_t room = 0;

static void swap(size_t a, size_t b) {
  struct waiting item = items[a];
  items[a] = items[b];
  items[b] = item;
}

void heap_push(struct waiting packet) {
  if (count == room) {
    room = room == 0 ? 1024 : room * 2;
    items = realloc(items, room * sizeof(struct waiting));
    if (items == NULL) abort();
  }
  size_t at = count++;
  items[at] = packet;
  while (at > 0 && items[at].due_ns < items[(at - 1) / 2].due_ns) {
    swap(at, (at - 1) / 2);
    at = (at - 1) / 2;
  }
}

const struct waiting *heap_first(void) { return count == 0 ? NULL : &items[0]; }

void heap_pop(void) {
  items[0] = items[--count];
  size_t at = 0;
  for (;;) {
    size_t least = at;
    for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
      if (items[child].due_ns < items[least].due_ns) least = child;
    }
    if (least == at) return;
    swap(at, least);
    at = least;
  }
}
