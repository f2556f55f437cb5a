// What was changed and not synced yet, so that a crash can be had on command: the pre-images of
// written ranges and the reverse of changes to directories. Costs one test of a flag until it is
// armed by a fault that needs it or by --track-unsynced.
#ifndef KIBOSH_UNSYNCED_H
#define KIBOSH_UNSYNCED_H

#include <stdbool.h>
#include <stdint.h>

#include "faults.h"

// Begins or ends tracking as the list asks; what was not synced before is synced first. Answers 0
// or an errno, with nothing changed.
int unsynced_arm(const struct fault_list *list);
bool unsynced_is_armed(void);
// Everything in scope that is not synced is lost. Handles opened before answer EIO.
struct crash_result {
  uint64_t files, entries, handles;
};
struct crash_result unsynced_crash(bool torn, uint64_t seed);
// Around each operation that changes something: no crash happens between its parts.
bool unsynced_enter(void);
void unsynced_leave(bool entered);

// Before a file changes. Answers 0 or the errno with which the change must be refused.
int unsynced_before_write(struct request *request, struct handle *handle, uint64_t offset,
                          uint64_t size);
int unsynced_before_truncate(struct request *request, struct inode *inode, uint64_t size);
// Changes of directories, done here so that they can be undone. Answer 0 or an errno.
int unsynced_unlinkat(struct inode *parent, const char *name, int flags);
int unsynced_rename(struct inode *from, const char *old_name, struct inode *to,
                    const char *new_name, unsigned flags);
void unsynced_made(struct inode *parent, const char *name);
// A sync covers what was changed before it began: pass what the first call answered to the second
// after it went well.
uint64_t unsynced_begin_sync(struct inode *inode);
void unsynced_synced(struct inode *inode, uint64_t begun);
// What was not synced of a file is lost, if it was tracked.
void unsynced_drop(struct inode *inode);
// Removes what a predecessor left, or at the end what this process would leave.
void unsynced_clean(void);
// A name at the top of the target that is ours, not the user's.
bool unsynced_is_own_name(const char *name);

#endif
