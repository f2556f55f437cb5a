// The inodes that the kernel knows, each held by an O_PATH descriptor, so that no operation depends
// on a path that someone may have changed. Names are kept beside them for faults to match.
#ifndef KIBOSH_INODES_H
#define KIBOSH_INODES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#define INODE_CONTROL 2
#define INODE_CONTROL_ERROR 3
#define INODE_STATUS 4
#define INODE_FIRST 16

struct links;

struct inode {
  uint64_t id;
  int fd;                 // -1 while it is closed for want of descriptors and nobody uses it
  bool shares_fd;         // the descriptor belongs to an open handle too: see handles.c
  dev_t dev;
  ino_t ino;
  mode_t mode;            // only its type is relied on
  uint64_t lookups;       // what the kernel will forget
  uint32_t refs;          // children, and operations that are running
  struct inode *parent;   // NULL for the root
  char *name;
  int backing_id;         // of kernel pass-through, for as long as it has users
  uint32_t backing_users;
  struct links *links;    // further names of a file with hard links
  struct inode *next;     // in its hash chain
  _Atomic uint64_t sync_failed_by;  // the fault that made a sync of it fail
};

bool inodes_start(int target_fd);
// openat that makes room when descriptors run short, by closing those of inodes that nobody uses.
int open_at(int folder, const char *name, int flags, mode_t mode);

// NULL when the kernel never learnt this id. Pair each success with inode_put.
struct inode *inode_get(uint64_t id);
void inode_put(struct inode *inode);
void inode_forget(uint64_t id, uint64_t count);
uint64_t inode_count(void);

// Finds or makes the inode of a directory entry and counts one lookup. Answers 0 or an errno.
// `pid` is the thread that asked: it may open the file by this very name next.
int inode_lookup(struct inode *parent, const char *name, uint32_t pid, struct stat *status,
                 struct inode **found);
// The same for a descriptor that has no name, or whose name is `name` in `parent`; takes over fd.
int inode_adopt(struct inode *parent, const char *name, int fd, struct stat *status,
                struct inode **found);
// Notes that the entry has a new name. Answers its id, or 0 when the kernel does not know it.
uint64_t inode_renamed(struct inode *old_parent, const char *old_name, struct inode *parent,
                       const char *name);

// Paths within the mount, beginning with a slash; "" when one is longer than PATH_SIZE - 1.
void inode_path(struct inode *inode, char *path);
void inode_open_path(struct inode *inode, uint32_t pid, char *path);
void inode_entry_path(struct inode *parent, const char *name, char *path);

// Its first name, to be freed, and its parent's id; NULL for the root.
void inode_name(struct inode *inode, uint64_t *parent, char **name);

// Calls back for every inode, with the lock held: `visit` must not call into this file.
void inode_each(void (*visit)(struct inode *inode, const char *path, void *context),
                void *context);

#endif
