// Second packets: sent as they came, headers and all, by raw sockets. They carry a mark, so that
// the rules which picked the first ones let them pass. A packet that came in is sent to this node
// itself, by loopback. What cannot be sent once more has still been sent once.

#include "queue.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/socket.h>

// Delayed copies wait here, not in the kernel.
#define KEPT_BYTES_MAX (64 << 20)
#define IPV4_HEADER_BYTES 20
#define IPV6_HEADER_BYTES 40

static int sender4 = -1;
static int sender6 = -1;
static size_t kept_bytes = 0;
static unsigned long long sent = 0;
static unsigned long long not_sent = 0;

static int open_sender(int family, uint32_t mark) {
  // This protocol says that headers come with the packet, for both families.
  int descriptor = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
  if (descriptor < 0) return -1;
  int size = 8 << 20;
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
  if (setsockopt(descriptor, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0) return descriptor;
  return -1;
}

bool open_senders(uint32_t mark) {
  sender4 = open_sender(AF_INET, mark);
  if (sender4 < 0) {
    fprintf(stderr, "raw socket: %s\n", strerror(errno));
    return false;
  }
  // A node without IPv6 has no such packets.
  sender6 = open_sender(AF_INET6, mark);
  return true;
}

struct copy *keep_copy(const struct packet *packet) {
  if (packet->size < IPV4_HEADER_BYTES || kept_bytes + packet->size > KEPT_BYTES_MAX) {
    not_sent++;
    return NULL;
  }
  struct copy *copy = malloc(sizeof(struct copy) + packet->size);
  if (copy == NULL) abort();
  copy->device = packet->device;
  copy->size = packet->size;
  memcpy(copy->bytes, packet->bytes, packet->size);
  kept_bytes += packet->size;
  return copy;
}

static ssize_t send4(const struct copy *copy) {
  struct sockaddr_in to = {.sin_family = AF_INET};
  memcpy(&to.sin_addr, copy->bytes + 16, sizeof(to.sin_addr));
  return sendto(sender4, copy->bytes, copy->size, 0, (struct sockaddr *)&to, sizeof(to));
}

static ssize_t send6(const struct copy *copy) {
  struct sockaddr_in6 to = {.sin6_family = AF_INET6};
  memcpy(&to.sin6_addr, copy->bytes + 24, sizeof(to.sin6_addr));
  // Such addresses mean something on one device only.
  if (IN6_IS_ADDR_LINKLOCAL(&to.sin6_addr) || IN6_IS_ADDR_MULTICAST(&to.sin6_addr)) {
    to.sin6_scope_id = copy->device;
  }
  return sendto(sender6, copy->bytes, copy->size, 0, (struct sockaddr *)&to, sizeof(to));
}

void send_copy(struct copy *copy) {
  int version = copy->bytes[0] >> 4;
  ssize_t taken = -1;
  if (version == 4) taken = send4(copy);
  if (version == 6 && sender6 >= 0 && copy->size >= IPV6_HEADER_BYTES) taken = send6(copy);
  if (taken < 0) not_sent++;
  else sent++;
  kept_bytes -= copy->size;
  free(copy);
}

void print_copies(void) { printf("copies sent %llu, not sent %llu\n", sent, not_sent); }
