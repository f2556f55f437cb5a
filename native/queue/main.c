// Holds packets back for a while, and sends some of them twice: what netem does, for kernels that
// lack it. Packet rules send packets to a queue of the kernel's; they go on when their time has
// come.
//
//   trogdor-queue NUMBER DELAY_US JITTER_US DUPLICATED_PPM COPY_MARK MARK
//
// Says `ready` when the queue is its own. SIGTERM lets all packets go at once and ends it, with a
// line that counts the copies. COPY_MARK is what the packet filter sees on each copy; MARK is for
// whoever looks for it in the list of processes.

#include "queue.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t is_ending = 0;
static long long delay_ns;
static double jitter_ns;
static double duplicated;

static void end(int number) {
  (void)number;
  is_ending = 1;
}

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void take(const struct packet *packet) {
  long long held_ns = delay_ns + (long long)(jitter_ns == 0 ? 0 : jitter_ns * jitter());
  bool is_twice = duplicated > 0 && uniform() <= duplicated;
  heap_push((struct waiting){
      .due_ns = now_ns() + (held_ns > 0 ? held_ns : 0),
      .id = packet->id,
      .copy = is_twice ? keep_copy(packet) : NULL,
  });
}

static void release(long long until_ns) {
  const struct waiting *first;
  while ((first = heap_first()) != NULL && first->due_ns <= until_ns) {
    struct copy *copy = first->copy;
    accept_packet(first->id);
    heap_pop();
    if (copy == NULL) continue;
    flush_verdicts();
    send_copy(copy);
  }
  flush_verdicts();
}

static int serve(const sigset_t *while_waiting) {
  for (;;) {
    const struct waiting *first = heap_first();
    long long wait_ns = first == NULL ? -1 : first->due_ns - now_ns();
    struct timespec wait = {.tv_sec = wait_ns / 1000000000, .tv_nsec = wait_ns % 1000000000};
    if (wait_ns < 0) wait = (struct timespec){0};
    struct pollfd input = {.fd = queue_descriptor(), .events = POLLIN};
    int ready = ppoll(&input, 1, first == NULL ? NULL : &wait, while_waiting);
    if (is_ending) {
      release(INT64_MAX);
      print_copies();
      return 0;
    }
    if (ready > 0 && !read_packets(take)) {
      fprintf(stderr, "the queue is gone: %s\n", strerror(errno));
      return 1;
    }
    release(now_ns());
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--version") == 0) {
    puts("trogdor-queue 1");
    return 0;
  }
  if (argc != 7) {
    fprintf(stderr, "expected NUMBER DELAY_US JITTER_US DUPLICATED_PPM COPY_MARK MARK\n");
    return 2;
  }
  delay_ns = atoll(argv[2]) * 1000;
  jitter_ns = (double)atoll(argv[3]) * 1000;
  duplicated = (double)atoll(argv[4]) / 1e6;
  seed_jitter((uint64_t)now_ns() * 2654435761u + (uint64_t)getpid());
  sigset_t blocked, while_waiting;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &while_waiting);
  signal(SIGTERM, end);
  // Nobody may read what it says at its end.
  signal(SIGPIPE, SIG_IGN);
  if (duplicated > 0 && !open_senders((uint32_t)strtoul(argv[5], NULL, 10))) return 1;
  if (!open_queue((uint16_t)atoi(argv[1]), duplicated > 0)) return 1;
  // Packets wait for it: it goes before others, where it may.
  setpriority(PRIO_PROCESS, 0, -10);
  if (write(STDOUT_FILENO, "ready\n", 6) < 0) return 1;
  return serve(&while_waiting);
}
