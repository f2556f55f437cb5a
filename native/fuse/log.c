// Lines are written with one write each, so that threads and processes never mix within one.
#include "log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_SIZE 5120

static _Atomic int log_fd = 2;
static _Atomic uint64_t hit_second;
static _Atomic uint32_t hits, dropped;

void log_open(int fd) {
  atomic_store(&log_fd, fd);
}

static void write_line(const char *format, va_list list) {
  char line[LINE_MAX_SIZE];
  struct timespec now;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &parts);
  size_t used = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &parts);
  used += (size_t)snprintf(line + used, sizeof line - used, ".%03ldZ ", now.tv_nsec / 1000000);
  int length = vsnprintf(line + used, sizeof line - used - 1, format, list);
  used += (size_t)length < sizeof line - used - 1 ? (size_t)length : sizeof line - used - 2;
  // A name may hold anything: a line stays a line.
  for (size_t i = 0; i < used; i++) {
    if ((unsigned char)line[i] < 0x20) line[i] = '?';
  }
  line[used++] = '\n';
  // Nowhere to say that the log cannot be written.
  if (write(atomic_load(&log_fd), line, used) < 0) return;
}

void log_event(const char *format, ...) {
  va_list list;
  va_start(list, format);
  write_line(format, list);
  va_end(list);
}

void log_hit(const char *format, ...) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  uint64_t second = (uint64_t)now.tv_sec, before = atomic_load(&hit_second);
  if (second != before && atomic_compare_exchange_strong(&hit_second, &before, second)) {
    atomic_store(&hits, 0);
    uint32_t lost = atomic_exchange(&dropped, 0);
    if (lost > 0) log_event("%u hits were not logged: only %d a second are", lost, LOG_HITS_MAX);
  }
  if (atomic_fetch_add(&hits, 1) >= LOG_HITS_MAX) {
    atomic_fetch_add(&dropped, 1);
    return;
  }
  va_list list;
  va_start(list, format);
  write_line(format, list);
  va_end(list);
}
