// Reading and writing data.
#ifndef KIBOSH_IO_H
#define KIBOSH_IO_H

#include "wire.h"

void op_read(struct request *request);
void op_write(struct request *request);

#endif
