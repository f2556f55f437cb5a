// CRC-32C (Castagnoli), which every record batch of Kafka carries.

#ifndef BATCHES_CRC32C_H
#define BATCHES_CRC32C_H

#include <stddef.h>
#include <stdint.h>

// Makes the tables and looks at what the processor can do. Before anything else, once.
void crc32c_prepare(void);

// The CRC of what was before, whose CRC is `before` (nothing has 0), and these bytes together.
uint32_t crc32c(uint32_t before, const uint8_t *bytes, size_t size);

// The same for any processor; crc32c itself where the processor knows no CRC.
uint32_t crc32c_by_tables(uint32_t before, const uint8_t *bytes, size_t size);

#endif
