// The threads that read requests. A few wait at a time even where one would do: the kernel wakes
// them in turn, and the one whose turn it is is more often on a processor that is awake.
#ifndef KIBOSH_WORKERS_H
#define KIBOSH_WORKERS_H

#include "session.h"

#define THREADS_DEFAULT 6

// A worker structure with its buffers; NULL when all are in use or memory is short.
struct worker *worker_new(int device, bool reads_device);
// A thread with a worker structure, which its loop is given; false when there is none to have.
bool worker_start(int device, bool reads_device, void *(*loop)(void *worker));
char *request_buffer(struct worker *worker);
// Serves until the file system is unmounted.
void workers_serve(void);

#endif
