// Changes of directories that are not synced yet, in their order, and how to take them back. What
// is removed or replaced meanwhile lies in a hidden folder at the top of the target.
#ifndef KIBOSH_ENTRY_LOG_H
#define KIBOSH_ENTRY_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "inodes.h"

#define GRAVEYARD ".kibosh-unsynced"

// All of these are called with the lock of unsynced.c held. They answer 0 or an errno.
int entry_log_start(int target_fd);
int entry_log_unlink(struct inode *parent, const char *name, int flags, uint64_t number);
int entry_log_rename(struct inode *from, const char *old_name, struct inode *to,
                     const char *new_name, unsigned flags, uint64_t number);
void entry_log_made(struct inode *parent, const char *name, uint64_t number);
// A sync of a directory that began with this number went well. One of a file brings the entries of
// its folder along, up to the file's own, as journaling file systems do.
void entry_log_synced(struct inode *inode, uint64_t begun);
uint64_t entry_log_undo_all(void);
void entry_log_forget_all(void);
void entry_log_end(int target_fd);
// What a killed predecessor left.
void entry_log_clean(int target_fd);

#endif
