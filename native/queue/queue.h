// What the parts of trogdor-queue share.

#ifndef TROGDOR_QUEUE_H
#define TROGDOR_QUEUE_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A packet as it came: the bytes are valid until the next one is read.
struct packet {
  uint32_t id;
  // The index of the device that it leaves or came by; 0 when that is not known.
  uint32_t device;
  const unsigned char *bytes;
  size_t size;
};

// What is sent once more.
struct copy {
  uint32_t device;
  size_t size;
  unsigned char bytes[];
};

// A packet that waits in the kernel for its verdict.
struct waiting {
  long long due_ns;
  uint32_t id;
  // NULL when it is sent once only.
  struct copy *copy;
};

// netlink.c: the kernel's queue. Functions that can fail say why on standard error.
bool open_queue(uint16_t number, bool wants_bytes);
int queue_descriptor(void);
// Calls `take` with each packet that has come; false when the queue is gone.
bool read_packets(void (*take)(const struct packet *packet));
// Lets packets go on. Verdicts are gathered until flush_verdicts.
void accept_packet(uint32_t id);
void flush_verdicts(void);

// copies.c: second packets.
bool open_senders(uint32_t mark);
// NULL when there is no room for it, which is counted.
struct copy *keep_copy(const struct packet *packet);
// Sends and frees it; what the kernel does not take is counted, and lost.
void send_copy(struct copy *copy);
void print_copies(void);

// heap.c: what is due first comes first.
void heap_push(struct waiting packet);
// NULL when it is empty.
const struct waiting *heap_first(void);
void heap_pop(void);

// jitter.c
void seed_jitter(uint64_t seed);
// As netem's paretonormal: mean 0, deviation 1, a long tail to the right; from -4 to 4.
double jitter(void);
// Above 0, up to 1.
double uniform(void);

#endif
