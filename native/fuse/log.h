// The log: one line an event, in UTC, bounded in rate where traffic decides how much there is.
#ifndef KIBOSH_LOG_H
#define KIBOSH_LOG_H

#include <stdbool.h>

void log_open(int fd);
void log_event(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Drops lines beyond LOG_HITS_MAX a second and says afterwards how many.
void log_hit(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define LOG_HITS_MAX 200

#endif
