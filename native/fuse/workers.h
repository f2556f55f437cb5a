// The threads that read requests. As few of them read as keep up, since the kernel wakes those that
// wait in turn: each one more costs a switch of threads with every request.
#ifndef KIBOSH_WORKERS_H
#define KIBOSH_WORKERS_H

#include "session.h"

// A worker structure with its buffers; NULL when all are in use or memory is short.
struct worker *worker_new(int device, bool reads_device);
void worker_free(struct worker *worker);  // one that no thread uses
char *request_buffer(struct worker *worker);
// Serves until the file system is unmounted.
void workers_serve(void);

#endif
