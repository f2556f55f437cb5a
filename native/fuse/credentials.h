// As whom a thread acts on the target: as itself, as the caller when it makes files, and without
// the privilege to keep set-user-ID bits when the caller lacks it.
#ifndef KIBOSH_CREDENTIALS_H
#define KIBOSH_CREDENTIALS_H

#include <stdbool.h>
#include <sys/types.h>

#include "wire.h"

void credentials_start(void);
// What is made between these belongs to the caller and has the caller's umask.
void act_as_caller(struct request *request, mode_t umask_of_caller);
void act_as_self(struct request *request);
// Whether writes and truncations of this thread clear set-user-ID bits from now on.
void keep_setuid_bits(struct worker *worker, bool keep);

#endif
