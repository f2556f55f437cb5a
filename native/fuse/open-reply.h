// How the kernel shall treat a file that was opened: direct I/O, page cache or pass-through.
#ifndef KIBOSH_OPEN_REPLY_H
#define KIBOSH_OPEN_REPLY_H

#include "handles.h"
#include "protocol.h"

void open_reply(struct handle *handle, struct kibosh_open_out *out);
void close_backing(struct handle *handle);

#endif
