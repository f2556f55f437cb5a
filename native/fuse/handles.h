// Open files and directories. A handle keeps the path by which it was opened: that is what faults
// match, whatever is renamed later.
#ifndef KIBOSH_HANDLES_H
#define KIBOSH_HANDLES_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "inodes.h"

enum handle_kind { HANDLE_FREE, HANDLE_FILE, HANDLE_DIRECTORY, HANDLE_VIRTUAL };

struct draft;

struct handle {
  enum handle_kind kind;
  int fd;
  bool shares_fd;          // with its inode, since descriptors run short
  int flags;               // as the application gave them
  _Atomic int plain_fd;    // for pages written back to a file that was opened to append; -1 if none
  int backing_id;          // kernel pass-through, 0 for none
  uint64_t id;
  struct inode *inode;     // referenced; NULL for virtual files
  char *path;              // "" when it was too long to match
  _Atomic uint64_t match;  // which faults can match: see match_cache in faults.c
  _Atomic bool dead;       // opened before a crash: every operation answers EIO
  pthread_mutex_t lock;    // of the next member
  uint64_t position;       // where the directory is read next
  struct draft *draft;     // the text of a virtual file, owned by control.c
};

// Takes over fd and one reference of inode. NULL when memory is short; the caller then still owns
// both.
struct handle *handle_new(enum handle_kind kind, int fd, struct inode *inode, const char *path);
// NULL when there is no such handle of that kind.
struct handle *handle_of(uint64_t id, enum handle_kind kind);
void handle_free(struct handle *handle);
uint64_t handle_count(void);
// Calls back for every handle of files, with the table's lock held.
void handle_each(void (*visit)(struct handle *handle, void *context), void *context);

#endif
