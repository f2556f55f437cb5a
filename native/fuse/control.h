// The virtual files at the top of the mount: kibosh_control, kibosh_control_error, kibosh_status.
#ifndef KIBOSH_CONTROL_H
#define KIBOSH_CONTROL_H

#include <stdbool.h>

#include <sys/stat.h>

#include "wire.h"

bool control_start(void);
bool control_is_node(uint64_t nodeid);
bool control_is_name(const char *name);
void control_status(uint64_t nodeid, struct stat *status);
void control_lookup(struct request *request, const char *name);
void control_getattr(struct request *request);
void control_setattr(struct request *request, const struct fuse_setattr_in *in);
void control_open(struct request *request);
void control_read(struct request *request);
void control_write(struct request *request);
void control_flush(struct request *request);
void control_release(struct request *request);

#endif
