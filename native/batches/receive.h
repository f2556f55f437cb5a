// Reads from a socket that somebody else owns.

#ifndef BATCHES_RECEIVE_H
#define BATCHES_RECEIVE_H

#include <stddef.h>
#include <stdint.h>

// What has arrived, at most `size` bytes. When that is less than `wanted`, waits once for the rest,
// asleep until all of it is there or the time is over. 0 is nothing, the socket's end, or an error:
// its owner will hear of it.
uint32_t receive(int socket, uint8_t *bytes, size_t size, uint32_t wanted, uint32_t wait_us);

#endif
