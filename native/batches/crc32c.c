// CRC-32C by the processor's instruction where it has one, which takes three steps to answer but
// can begin a new one in each step: so three neighbouring blocks are worked on at a time, and their
// CRCs joined. A CRC is linear: that of two blocks is the first one's behind as many zeros as the
// second has bytes, plus the second one's. What zeros do to a state is in tables too.

#include "crc32c.h"

#include <stdbool.h>

// The polynomial, lowest power in the highest bit.
#define POLYNOMIAL 0x82f63b78u

// Blocks of a joined step: large ones for most of the bytes, small ones for what is left.
#define LARGE_BYTES 2048
#define SMALL_BYTES 256

// slices[n][b]: the state behind n zeros behind the byte b.
static uint32_t slices[8][256];
// The state behind a block of zeros, for each byte of the state in front of it.
static uint32_t behind_large[4][256];
static uint32_t behind_small[4][256];
static bool has_instruction;

static inline uint64_t load64(const uint8_t *bytes) {
  uint64_t word;
  __builtin_memcpy(&word, bytes, sizeof(word));
  return word;
}

static inline uint32_t by_byte(uint32_t state, uint8_t byte) {
  return slices[0][(state ^ byte) & 0xff] ^ (state >> 8);
}

static uint32_t state_by_tables(uint32_t state, const uint8_t *bytes, size_t size) {
  for (; size >= 8; size -= 8, bytes += 8) {
    uint64_t word = load64(bytes) ^ state;
    state = 0;
    for (int index = 0; index < 8; index++) {
      state ^= slices[7 - index][(word >> (8 * index)) & 0xff];
    }
  }
  while (size-- > 0) state = by_byte(state, *bytes++);
  return state;
}

static inline uint32_t behind(const uint32_t table[4][256], uint32_t state) {
  return table[0][state & 0xff] ^ table[1][(state >> 8) & 0xff] ^ table[2][(state >> 16) & 0xff] ^
         table[3][state >> 24];
}

#if defined(__x86_64__)

#include <cpuid.h>

#define WITH_INSTRUCTION __attribute__((target("crc32")))
#define STEP8(state, word) ((uint32_t)__builtin_ia32_crc32di(state, word))
#define STEP1(state, byte) __builtin_ia32_crc32qi(state, byte)

static bool find_instruction(void) {
  unsigned int eax, ebx, ecx, edx;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_SSE4_2) != 0;
}

#elif defined(__aarch64__)

#define WITH_INSTRUCTION __attribute__((target("+crc")))
#if defined(__clang__)
#define STEP8(state, word) __builtin_arm_crc32cd(state, word)
#define STEP1(state, byte) __builtin_arm_crc32cb(state, byte)
#else
#define STEP8(state, word) __builtin_aarch64_crc32cx(state, word)
#define STEP1(state, byte) __builtin_aarch64_crc32cb(state, byte)
#endif

// Of every libc; the process that loads this has one.
unsigned long getauxval(unsigned long type);

static bool find_instruction(void) {
  const unsigned long at_hwcap = 16;
  const unsigned long hwcap_crc32 = 1ul << 7;
  return (getauxval(at_hwcap) & hwcap_crc32) != 0;
}

#else
#error "a processor that native/batches/ does not know"
#endif

// Three blocks of `block` bytes each.
WITH_INSTRUCTION static inline uint32_t three_blocks(uint32_t state, const uint8_t *bytes,
                                                     size_t block,
                                                     const uint32_t table[4][256]) {
  uint32_t second = 0;
  uint32_t third = 0;
  for (const uint8_t *end = bytes + block; bytes < end; bytes += 8) {
    state = STEP8(state, load64(bytes));
    second = STEP8(second, load64(bytes + block));
    third = STEP8(third, load64(bytes + 2 * block));
  }
  return behind(table, behind(table, state) ^ second) ^ third;
}

WITH_INSTRUCTION static uint32_t state_by_instruction(uint32_t state, const uint8_t *bytes,
                                                      size_t size) {
  for (; size >= 3 * LARGE_BYTES; size -= 3 * LARGE_BYTES, bytes += 3 * LARGE_BYTES) {
    state = three_blocks(state, bytes, LARGE_BYTES, behind_large);
  }
  for (; size >= 3 * SMALL_BYTES; size -= 3 * SMALL_BYTES, bytes += 3 * SMALL_BYTES) {
    state = three_blocks(state, bytes, SMALL_BYTES, behind_small);
  }
  for (; size >= 8; size -= 8, bytes += 8) state = STEP8(state, load64(bytes));
  while (size-- > 0) state = STEP1(state, *bytes++);
  return state;
}

// Each bit is moved over the zeros once; bytes are sums of bits.
static void fill_behind(uint32_t table[4][256], size_t zeros) {
  for (int place = 0; place < 4; place++) {
    for (int bit = 0; bit < 8; bit++) {
      uint32_t state = 1u << (8 * place + bit);
      for (size_t count = 0; count < zeros; count++) state = by_byte(state, 0);
      table[place][1 << bit] = state;
    }
    for (int byte = 1; byte < 256; byte++) {
      int lowest = byte & -byte;
      if (lowest != byte) table[place][byte] = table[place][lowest] ^ table[place][byte ^ lowest];
    }
  }
}

void crc32c_prepare(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t state = byte;
    for (int bit = 0; bit < 8; bit++) state = (state >> 1) ^ ((state & 1) != 0 ? POLYNOMIAL : 0);
    slices[0][byte] = state;
  }
  for (int slice = 1; slice < 8; slice++) {
    for (int byte = 0; byte < 256; byte++) {
      slices[slice][byte] = by_byte(slices[slice - 1][byte], 0);
    }
  }
  has_instruction = find_instruction();
  if (!has_instruction) return;
  fill_behind(behind_large, LARGE_BYTES);
  fill_behind(behind_small, SMALL_BYTES);
}

uint32_t crc32c(uint32_t before, const uint8_t *bytes, size_t size) {
  if (!has_instruction) return crc32c_by_tables(before, bytes, size);
  return ~state_by_instruction(~before, bytes, size);
}

uint32_t crc32c_by_tables(uint32_t before, const uint8_t *bytes, size_t size) {
  return ~state_by_tables(~before, bytes, size);
}
