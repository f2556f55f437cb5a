// The contents of files as they were when they were synced last. Each file has layers: a sync that
// begins puts a new layer on top, and drops those below it when it went well.
#ifndef KIBOSH_PRE_IMAGES_H
#define KIBOSH_PRE_IMAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "inodes.h"

// All of these are called with the lock of unsynced.c held. They answer 0 or an errno.
int pre_images_start(int target_fd);
// Keeps what [from, to) holds, as far as it is not kept yet.
int pre_image_keep(struct inode *inode, uint64_t from, uint64_t to);
uint64_t pre_image_begin_sync(struct inode *inode, uint64_t number);
void pre_image_synced(struct inode *inode, uint64_t begun);
// Puts one file back; false when there was nothing to put back.
bool pre_image_restore(struct inode *inode, bool torn, uint64_t seed);
// Puts all back; the answer is how many files.
uint64_t pre_images_restore_all(bool torn, uint64_t seed);
void pre_images_forget_all(void);

#endif
