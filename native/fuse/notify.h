// Tells the kernel to drop what it has cached. A thread of its own writes these messages: they wait
// for pages and directories that are locked by operations which this process has yet to answer.
#ifndef KIBOSH_NOTIFY_H
#define KIBOSH_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inodes.h"

bool notify_start(void);
// Drops the cached names of an inode, or one of them.
void notify_names(struct inode *inode);
void notify_entry(uint64_t nodeid, uint64_t parent, const char *name);
// Drops data and attributes of the inodes, then calls `done` from the notifying thread. Takes over
// the array.
struct notify_item {
  uint64_t nodeid;
  bool names;  // the entry too: `parent` and `name` say which
  uint64_t parent;
  char *name;
};
bool notify_inodes(struct notify_item *items, size_t count, void (*done)(void *), void *argument);
// Notifications that are not delivered yet.
uint64_t notify_pending(void);

#endif
