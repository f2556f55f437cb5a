// The life of the process: background, pidfile, and the supervisor that outlives the worker.
#ifndef KIBOSH_SUPERVISE_H
#define KIBOSH_SUPERVISE_H

// Runs until the file system is gone; the answer is the exit status.
int supervise(void);

#endif
