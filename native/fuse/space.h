// A disk that is full, or nearly: what a fault leaves of the space, and how it is used up.
#ifndef KIBOSH_SPACE_H
#define KIBOSH_SPACE_H

#include <sys/statvfs.h>

#include "faults.h"

// Sets how much is left when a list is published.
void space_prepare(struct fault_list *list);
// Takes what a request needs; true with the verdict set when there is not enough.
bool space_refuses(struct fault *fault, enum operation op, struct handle *handle, uint64_t offset,
                   uint64_t size, struct verdict *verdict);
// Bytes of a removed or shortened file come back.
void space_freed(struct worker *worker, const char *path, uint64_t bytes);
bool space_is_limited(void);
// What statfs reports.
void space_report(struct worker *worker, struct statvfs *status);

#endif
