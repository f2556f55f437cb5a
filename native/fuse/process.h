// Who made a request: the kernel tells the thread only.
#ifndef KIBOSH_PROCESS_H
#define KIBOSH_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct process {
  int64_t pid;       // of the process that the thread belongs to
  char comm[32];     // name of the process
  char thread[32];   // name of the thread
};

// False when the thread is gone.
bool process_of(uint32_t thread, struct process *process);

#endif
