// Names of errno values, as people write them in control documents.
#ifndef KIBOSH_ERRNO_NAMES_H
#define KIBOSH_ERRNO_NAMES_H

#include <stddef.h>

// 0 when no error is called so.
int errno_of(const char *name, size_t length);
// "EIO", or NULL for a number without a name here.
const char *errno_name(int error);

#endif
