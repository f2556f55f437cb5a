// Takes what others would need: processor time, memory or file descriptors. Says `ready` when it has
// it, keeps it until it is killed, and is the first that the kernel kills when memory runs out.
//
//   stress cpu PERCENT MARK       one processor for so much of the time
//   stress memory BYTES MARK
//   stress files COUNT MARK
//
// MARK is for whoever looks for it in the list of processes.

#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_US 100000
#define PAGE_BYTES 4096

static int failed(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return 1;
}

static void say_ready(void) {
  if (write(STDOUT_FILENO, "ready\n", 6) < 0) _exit(1);
}

static void die_first(void) {
  int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, "1000", 4) < 0) errno = 0;
  close(file);
}

static int stress_cpu(long long percent) {
  say_ready();
  for (;;) {
    long long busy_until_us = boot_us() + PERIOD_US * percent / 100;
    while (boot_us() < busy_until_us) continue;
    struct timespec rest = {.tv_nsec = PERIOD_US * (100 - percent) / 100 * 1000};
    if (rest.tv_nsec > 0) nanosleep(&rest, NULL);
  }
}

// Pages that differ cannot be merged or compressed away.
static int stress_memory(long long size) {
  volatile uint64_t *memory =
      mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return failed("memory");
  uint64_t random = 88172645463325252u;
  const size_t step = PAGE_BYTES / sizeof(uint64_t);
  const size_t words = (size_t)size / sizeof(uint64_t);
  for (size_t at = 0; at < words; at += step) {
    for (size_t word = at; word < at + step && word < words; word += 8) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      memory[word] = random;
    }
  }
  say_ready();
  for (;;) {
    // What is not used would be swapped out.
    sleep(5);
    for (size_t at = 0; at < words; at += step) memory[at] += 1;
  }
}

static int stress_files(long long count) {
  struct rlimit limit = {.rlim_cur = (rlim_t)count + 16, .rlim_max = (rlim_t)count + 16};
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return failed("limit of descriptors");
  for (long long opened = 0; opened < count; opened++) {
    // An open each: a duplicate would take no entry of the kernel's table.
    if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) return failed("open");
  }
  say_ready();
  for (;;) pause();
}

int stress(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "trogdor-guard stress: expected a kind, an amount and a mark\n");
    return 2;
  }
  long long amount = atoll(argv[1]);
  die_first();
  if (nice(10) == -1) errno = 0;
  if (strcmp(argv[0], "cpu") == 0) return stress_cpu(amount);
  if (strcmp(argv[0], "memory") == 0) return stress_memory(amount);
  if (strcmp(argv[0], "files") == 0) return stress_files(amount);
  fprintf(stderr, "trogdor-guard stress: expected cpu, memory or files\n");
  return 2;
}
