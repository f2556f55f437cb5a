// Counts records of fetched batches (format 2) without handing each over.

#ifndef BATCHES_TALLY_H
#define BATCHES_TALLY_H

#include <stddef.h>
#include <stdint.h>

// Where the walk over a run of batches is. The order is that of WalkPlace in
// src/kafka/native/batch-code/batch-code.ts, which hands it over as an array of doubles.
struct walk_place {
  // The present batch, and the next record of it.
  double batch_start;
  double at;
  double records_end;
  double records_left;
  double base_offset;
  double base_timestamp;
  double last_offset;
  // -1: each record has its own time.
  double append_time;
  // The least offset that may come next.
  double next_offset;
  // Whole batches from here to there.
  double batches_at;
  double batches_end;
  // At the end of a call: of the last record that was counted, and the keys and values of all.
  double offset;
  double timestamp;
  double bytes;
  double runs;
};

// Counts at most `records_max` records and answers how many there were; `runs` gets pairs of a time
// stamp and how many neighbouring records have it. It stops in front of everything that is not
// plain (compressed, control, corrupt, below the offset that may come next), with the place there:
// what to do about such a thing, and how to name it, is the business of the walk in TypeScript.
uint32_t tally(const uint8_t *bytes, size_t size, struct walk_place *place, uint32_t records_max,
               int checks_crcs, double *runs, uint32_t runs_max);

#endif
