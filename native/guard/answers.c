// What the guard tells, and what time it is.

#include "guard.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Goes on while the machine sleeps and never steps.
long long boot_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// Nobody may listen any more, or for a while: what cannot be said at once is left out.
void answer(const char *format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  if (length <= 0 || (size_t)length >= sizeof(line)) return;
  if (write(STDOUT_FILENO, line, (size_t)length) < 0) return;
}
