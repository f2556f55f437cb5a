// Requests that wait. A delay holds no thread: the request is kept until its time, until its fault
// is cleared, or until its process is killed, and then goes on in one of a few threads.
#ifndef KIBOSH_TIMERS_H
#define KIBOSH_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

// Keeps the request for verdict.delay_ns; false when that is impossible and it must go on at once.
bool park(struct request *request);
// The kernel wants this request ended: answers it if it waits, else remembers to when it would.
void park_interrupt(uint64_t unique);
// Lets go of every request whose fault `is_set` does not know any more.
void park_release(bool (*is_set)(uint64_t identity, void *context), void *context);
void park_release_all(void);
uint64_t park_count(void);
// Runs `done(argument)` after a while in one of the same threads.
bool call_later(uint64_t delay_ns, void (*done)(void *argument), void *argument);

#endif
