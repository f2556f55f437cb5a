// The text of kibosh_status.
#ifndef KIBOSH_STATUS_H
#define KIBOSH_STATUS_H

#include <stddef.h>

// JSON, to be freed; NULL when memory is short.
char *status_text(size_t *size);

#endif
