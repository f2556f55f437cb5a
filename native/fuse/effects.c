// All randomness comes from the verdict's seed, so a decision that is repeated damages alike.
#include "effects.h"

#include <math.h>
#include <string.h>

#include "faults.h"

struct generator {
  uint64_t state;
};

static uint64_t next(struct generator *generator) {
  generator->state += UINT64_C(0x9e3779b97f4a7c15);
  return mix64(generator->state);
}

static double next_fraction(struct generator *generator) {
  return (double)(next(generator) >> 11) * 0x1p-53;
}

// How many bytes to the next one that is hit, when each is hit with this probability.
static double next_gap(struct generator *generator, double probability) {
  return floor(log(1 - next_fraction(generator)) / log1p(-probability));
}

static void spoil(struct generator *generator, bool random, char *data, size_t size) {
  if (!random) {
    memset(data, 0, size);
    return;
  }
  for (size_t i = 0; i < size; i += 8) {
    uint64_t word = next(generator);
    memcpy(data + i, &word, size - i < 8 ? size - i : 8);
  }
}

static void spoil_some(struct generator *generator, const struct verdict *verdict, char *data,
                       size_t size) {
  bool random = verdict->mode == CORRUPT_RANDOM;
  if (verdict->fraction >= 1) {
    spoil(generator, random, data, size);
    return;
  }
  if (verdict->fraction <= 0) return;
  double at = next_gap(generator, verdict->fraction);
  while (at < (double)size) {
    spoil(generator, random, data + (size_t)at, 1);
    at += 1 + next_gap(generator, verdict->fraction);
  }
}

size_t corrupt(const struct verdict *verdict, char *data, size_t size) {
  struct generator generator = {verdict->seed};
  if (size == 0) return 0;
  size_t place = (size_t)(next_fraction(&generator) * (double)size);
  switch (verdict->mode) {
    case CORRUPT_ZERO:
    case CORRUPT_RANDOM:
      spoil_some(&generator, verdict, data, size);
      return size;
    case CORRUPT_ZERO_TAIL:
    case CORRUPT_RANDOM_TAIL:
      spoil(&generator, verdict->mode == CORRUPT_RANDOM_TAIL, data + place, size - place);
      return size;
    default:
      return place;
  }
}

#define ROT_BLOCK 4096

void rot(const struct verdict *verdict, ino_t ino, uint64_t offset, char *data, size_t size) {
  if (verdict->fraction <= 0) return;
  double rate = verdict->fraction < 1 ? verdict->fraction : 0x1.fffffffffffffp-1;
  uint64_t end = offset + size;
  for (uint64_t block = offset / ROT_BLOCK; block * ROT_BLOCK < end; block++) {
    struct generator generator = {mix64(verdict->seed ^ mix64(ino)) + mix64(block)};
    double at = next_gap(&generator, rate);
    while (at < ROT_BLOCK) {
      uint64_t place = block * ROT_BLOCK + (uint64_t)at;
      int bit = (int)(next(&generator) & 7);
      if (place >= offset && place < end) data[place - offset] ^= (char)(1 << bit);
      at += 1 + next_gap(&generator, rate);
    }
  }
}
