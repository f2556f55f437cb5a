// The walk over batches and their records. Layouts: src/kafka/native/consumer/batch-header.ts and
// record-cursor.ts. Nothing that the bytes say is believed before it was compared with where they
// end.

#include "tally.h"

#include <stdbool.h>

#include "crc32c.h"

#define HEADER_BYTES 61
#define CRC_START 21
#define LENGTH_END 12
#define RECORD_BYTES_MIN 6
// Compressed or control.
#define NOT_PLAIN_BITS (7 | 32)
#define APPEND_TIME_BIT 8
// A double has every whole number up to here.
#define EXACT_MAX (1ll << 53)
// The varint of a difference is twice as large: beyond, the walk in TypeScript is not exact.
#define DELTA_MAX (1ll << 52)

struct walk {
  const uint8_t *bytes;
  bool checks_crcs;
  int64_t batch_start, at, records_end, records_left;
  int64_t base_offset, base_timestamp, last_offset, append_time;
  int64_t next_offset, batches_at, batches_end;
};

struct record {
  int64_t end, offset, timestamp, bytes;
};

static int32_t int32_at(const uint8_t *bytes) {
  return (int32_t)((uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
                   bytes[3]);
}

static int64_t int64_at(const uint8_t *bytes) {
  return (int64_t)((uint64_t)(uint32_t)int32_at(bytes) << 32 | (uint32_t)int32_at(bytes + 4));
}

static bool is_exact(int64_t value) {
  return value >= -EXACT_MAX && value <= EXACT_MAX;
}

// A zigzag varint of at most `bytes_max` bytes that ends before `end`.
static inline bool read_varint(const uint8_t **at, const uint8_t *end, int bytes_max,
                               int64_t *value) {
  uint64_t bits = 0;
  for (int count = 0; count < bytes_max && *at < end; count++) {
    uint8_t byte = *(*at)++;
    bits |= (uint64_t)(byte & 0x7f) << (7 * count);
    if (byte < 0x80) {
      *value = (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
      return true;
    }
  }
  return false;
}

// Goes to the next batch if it is plain and sound.
static bool open_batch(struct walk *walk) {
  int64_t next_offset = walk->next_offset;
  if (walk->last_offset >= next_offset) next_offset = walk->last_offset + 1;
  int64_t start = walk->batches_at;
  if (walk->batches_end - start < HEADER_BYTES) return false;
  const uint8_t *batch = walk->bytes + start;
  int64_t end = start + LENGTH_END + int32_at(batch + 8);
  if (end < start + HEADER_BYTES || end > walk->batches_end) return false;
  int64_t base_offset = int64_at(batch);
  int64_t base_timestamp = int64_at(batch + 27);
  int64_t append_time = int64_at(batch + 35);
  if (!is_exact(base_offset) || !is_exact(base_timestamp) || !is_exact(append_time)) return false;
  int64_t offsets = (int64_t)int32_at(batch + 23) + 1;
  int64_t count = int32_at(batch + 57);
  int attributes = batch[21] << 8 | batch[22];
  if ((attributes & NOT_PLAIN_BITS) != 0 || count <= 0 || count > offsets) return false;
  if (base_offset + offsets - 1 < next_offset) return false;
  if (walk->checks_crcs) {
    const uint8_t *covered = batch + CRC_START;
    size_t size = (size_t)(end - start) - CRC_START;
    if (crc32c(0, covered, size) != (uint32_t)int32_at(batch + 17)) return false;
  }
  walk->batch_start = start;
  walk->batches_at = end;
  walk->at = start + HEADER_BYTES;
  walk->records_end = end;
  walk->records_left = count;
  walk->base_offset = base_offset;
  walk->base_timestamp = base_timestamp;
  walk->last_offset = base_offset + offsets - 1;
  walk->append_time = (attributes & APPEND_TIME_BIT) == 0 ? -1 : append_time;
  walk->next_offset = next_offset;
  return true;
}

// Reads the next record of the present batch, and goes nowhere.
static inline bool read_record(const struct walk *walk, struct record *record) {
  const uint8_t *at = walk->bytes + walk->at;
  const uint8_t *end = walk->bytes + walk->records_end;
  int64_t size, delta, offset_delta, key_size, value_size;
  if (!read_varint(&at, end, 5, &size)) return false;
  if (size < RECORD_BYTES_MIN || size > end - at) return false;
  end = at + size;
  at += 1;
  if (!read_varint(&at, end, 8, &delta) || delta < -DELTA_MAX || delta > DELTA_MAX) return false;
  if (!read_varint(&at, end, 5, &offset_delta)) return false;
  if (!read_varint(&at, end, 5, &key_size) || key_size < -1 || key_size > end - at) return false;
  if (key_size < 0) key_size = 0;
  at += key_size;
  if (!read_varint(&at, end, 5, &value_size)) return false;
  if (value_size < -1 || value_size > end - at) return false;
  if (value_size < 0) value_size = 0;
  // The number of headers has to follow.
  if (value_size == end - at) return false;
  record->end = end - walk->bytes;
  record->offset = walk->base_offset + offset_delta;
  record->timestamp =
      walk->append_time == -1 ? walk->base_timestamp + delta : walk->append_time;
  record->bytes = key_size + value_size;
  if (!is_exact(record->timestamp)) return false;
  return record->offset >= walk->next_offset && record->offset <= walk->last_offset;
}

static bool take_place(struct walk *walk, const struct walk_place *place, size_t size) {
  const double *numbers = (const double *)place;
  for (size_t index = 0; index < sizeof(*place) / sizeof(double); index++) {
    if (!(numbers[index] >= -(double)EXACT_MAX && numbers[index] <= (double)EXACT_MAX)) return false;
  }
  walk->batch_start = (int64_t)place->batch_start;
  walk->at = (int64_t)place->at;
  walk->records_end = (int64_t)place->records_end;
  walk->records_left = (int64_t)place->records_left;
  walk->base_offset = (int64_t)place->base_offset;
  walk->base_timestamp = (int64_t)place->base_timestamp;
  walk->last_offset = (int64_t)place->last_offset;
  walk->append_time = (int64_t)place->append_time;
  walk->next_offset = (int64_t)place->next_offset;
  walk->batches_at = (int64_t)place->batches_at;
  walk->batches_end = (int64_t)place->batches_end;
  if (walk->batches_at < 0 || walk->batches_at > walk->batches_end) return false;
  if (walk->batches_end > (int64_t)size) return false;
  if (walk->records_left <= 0) return true;
  return walk->at >= 0 && walk->at <= walk->records_end && walk->records_end <= (int64_t)size;
}

static void give_place(const struct walk *walk, struct walk_place *place) {
  place->batch_start = (double)walk->batch_start;
  place->at = (double)walk->at;
  place->records_end = (double)walk->records_end;
  place->records_left = (double)walk->records_left;
  place->base_offset = (double)walk->base_offset;
  place->base_timestamp = (double)walk->base_timestamp;
  place->last_offset = (double)walk->last_offset;
  place->append_time = (double)walk->append_time;
  place->next_offset = (double)walk->next_offset;
  place->batches_at = (double)walk->batches_at;
}

uint32_t tally(const uint8_t *bytes, size_t size, struct walk_place *place, uint32_t records_max,
               int checks_crcs, double *runs, uint32_t runs_max) {
  struct walk walk = {.bytes = bytes, .checks_crcs = checks_crcs != 0};
  struct record record = {0};
  uint32_t count = 0;
  uint32_t run = 0;
  int64_t total_bytes = 0;
  place->bytes = 0;
  place->runs = 0;
  if (!take_place(&walk, place, size)) return 0;
  while (count < records_max) {
    if (walk.records_left <= 0 && !open_batch(&walk)) break;
    int64_t last_timestamp = record.timestamp;
    struct record next;
    if (!read_record(&walk, &next)) break;
    if (run == 0 || next.timestamp != last_timestamp) {
      if (run == runs_max) break;
      runs[2 * run] = (double)next.timestamp;
      runs[2 * run + 1] = 0;
      run += 1;
    }
    record = next;
    runs[2 * run - 1] += 1;
    total_bytes += record.bytes;
    walk.at = record.end;
    walk.records_left -= 1;
    walk.next_offset = record.offset + 1;
    count += 1;
  }
  give_place(&walk, place);
  place->offset = (double)record.offset;
  place->timestamp = (double)record.timestamp;
  place->bytes = (double)total_bytes;
  place->runs = run;
  return count;
}
