// What faults do to data.
#ifndef KIBOSH_EFFECTS_H
#define KIBOSH_EFFECTS_H

#include <stddef.h>
#include <sys/types.h>

#include "verdict.h"

// Changes data in place; the answer is how much of it is left.
size_t corrupt(const struct verdict *verdict, char *data, size_t size);
// Flips a bit in a share of all bytes, always the same ones of a file.
void rot(const struct verdict *verdict, ino_t ino, uint64_t offset, char *data, size_t size);

#endif
