// The names of files with hard links. The kernel opens an inode, not a name; a fault matches the
// name that was used. So the names are remembered, and which thread looked up which one last: a
// path walk ends in a lookup and an open by the same thread, as such entries are never cached.
#ifndef KIBOSH_LINKS_H
#define KIBOSH_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "inodes.h"

// All of these are called with the lock of the inode table held.
void inode_unref_locked(struct inode *inode);  // in inodes.c
void links_seen(struct inode *inode, struct inode *parent, const char *name, uint32_t pid);
void links_release(struct inode *inode);
bool links_renamed(struct inode *inode, struct inode *old_parent, const char *old_name,
                   struct inode *parent, const char *name);
// Replaces parent and name if that thread looked up another of the names last.
void links_used_by(struct inode *inode, uint32_t pid, const struct inode **parent,
                   const char **name);

#endif
