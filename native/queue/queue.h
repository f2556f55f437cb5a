// What the parts of trogdor-queue share.

#ifndef TROGDOR_QUEUE_H
#define TROGDOR_QUEUE_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A packet that waits in the kernel for its verdict.
struct waiting {
  long long due_ns;
  uint32_t id;
};

// netlink.c: the kernel's queue. Functions that can fail say why on standard error.
bool open_queue(uint16_t number);
int queue_descriptor(void);
// Calls `take` with the id of each packet that has come; false when the queue is gone.
bool read_packets(void (*take)(uint32_t id));
// Lets packets go on. Verdicts are gathered until flush_verdicts.
void accept_packet(uint32_t id);
void flush_verdicts(void);

// heap.c: what is due first comes first.
void heap_push(struct waiting packet);
// NULL when it is empty.
const struct waiting *heap_first(void);
void heap_pop(void);

// jitter.c
void seed_jitter(uint64_t seed);
// As netem's paretonormal: mean 0, deviation 1, a long tail to the right; from -4 to 4.
double jitter(void);

#endif
