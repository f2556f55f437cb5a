// The kernel is told how much is worth to be woken for (SO_RCVLOWAT), and forgets it before the
// socket's owner waits again: to it a single byte is news.

#include "receive.h"

struct pollfd {
  int fd;
  short events, revents;
};
struct timespec {
  long seconds, nanoseconds;
};

// Of every libc; the process that loads this has one.
long recv(int socket, void *bytes, size_t size, int flags);
int setsockopt(int socket, int level, int name, const void *value, unsigned int size);
int ppoll(struct pollfd *polls, unsigned long count, const struct timespec *timeout,
          const void *signals);

#define MSG_DONTWAIT 0x40
#define SOL_SOCKET 1
#define SO_RCVLOWAT 18
#define POLLIN 1

static int set_enough(int socket, int size) {
  return setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &size, sizeof(size));
}

static long arrived(int socket, uint8_t *bytes, size_t size) {
  long count = recv(socket, bytes, size, MSG_DONTWAIT);
  return count > 0 ? count : 0;
}

uint32_t receive(int socket, uint8_t *bytes, size_t size, uint32_t wanted, uint32_t wait_us) {
  long count = arrived(socket, bytes, size);
  if (wanted > size) wanted = (uint32_t)size;
  long missing = (long)wanted - count;
  if (missing <= 0 || wait_us == 0) return (uint32_t)count;
  if (set_enough(socket, (int)missing) != 0) return (uint32_t)count;
  struct pollfd poll = {.fd = socket, .events = POLLIN};
  struct timespec timeout = {wait_us / 1000000, (long)(wait_us % 1000000) * 1000};
  ppoll(&poll, 1, &timeout, NULL);
  set_enough(socket, 1);
  return (uint32_t)(count + arrived(socket, bytes + count, size - (size_t)count));
}
