// Extended attributes.
#ifndef KIBOSH_XATTRS_H
#define KIBOSH_XATTRS_H

#include "wire.h"

void op_setxattr(struct request *request);
void op_getxattr(struct request *request);
void op_listxattr(struct request *request);
void op_removexattr(struct request *request);

#endif
