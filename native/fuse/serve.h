// The worker process: mounts, serves, unmounts.
#ifndef KIBOSH_SERVE_H
#define KIBOSH_SERVE_H

#include <stdbool.h>

// Everything up to a mount that answers; false with a sentence in `problem`.
bool serve_start(char *problem);
void serve(void);

#endif
