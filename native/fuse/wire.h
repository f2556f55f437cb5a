// One request of the kernel and the ways to answer it. Every request but FORGET and INTERRUPT is
// answered exactly once.
#ifndef KIBOSH_WIRE_H
#define KIBOSH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"
#include "session.h"

struct request {
  struct fuse_in_header header;
  const char *args;  // after the header
  size_t args_size;
  int device;        // the clone that it came from: answers must go there
  struct worker *worker;
  struct verdict verdict;
  enum operation op;
  int error;         // what was answered, for the counters
  uint64_t started_ns;
  bool parked;       // it will be answered later, by another thread
};

void reply_error(struct request *request, int error);
void reply_data(struct request *request, const void *data, size_t size);
void reply_two(struct request *request, const void *head, size_t head_size, const void *data,
               size_t size);
// For requests whose structure is gone.
void reply_late(int device, uint64_t unique, int error);

// The fixed part of the arguments, or NULL when the request is too short for it.
const void *args_struct(const struct request *request, size_t size);
// The zero-terminated text at an offset of the arguments, moving the offset past it; NULL when it
// does not end within the request.
const char *args_text(const struct request *request, size_t *offset);
// A name that may stand in a directory: not empty, no slash, neither "." nor "..".
bool is_entry_name(const char *name);

#endif
