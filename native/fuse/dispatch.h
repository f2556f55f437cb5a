// From a request's number to the function that serves it.
#ifndef KIBOSH_DISPATCH_H
#define KIBOSH_DISPATCH_H

#include "wire.h"

// Serves a request, counting it. Also what a parked request goes through a second time.
void dispatch(struct request *request);
// A message as it was read from the device. False when it is not one.
bool dispatch_message(struct worker *worker, const char *message, size_t size);
// Once in each thread that calls the above.
void dispatch_prepare_thread(void);

#endif
