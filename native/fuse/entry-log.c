// A list, newest first. Undone from its head, so each step finds what it left.
#include "entry-log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"

enum change { MADE, UNLINKED, REMOVED_FOLDER, MOVED, REPLACED, EXCHANGED };

struct record {
  enum change change;
  uint64_t number;
  struct inode *parent, *new_parent;  // referenced
  char *name, *new_name;
  uint64_t grave;
  struct stat status;  // of the entry's file
  struct record *older;
};

static struct record *newest;
static int graveyard = -1;
static uint64_t graves;

static int rename_entry(int from, const char *old_name, int to, const char *new_name,
                        unsigned flags) {
  return syscall(SYS_renameat2, from, old_name, to, new_name, flags) < 0 ? errno : 0;
}

static const char *grave_name(uint64_t grave, char *buffer) {
  snprintf(buffer, 24, "%llu", (unsigned long long)grave);
  return buffer;
}

int entry_log_start(int target_fd) {
  if (graveyard >= 0) return 0;
  if (mkdirat(target_fd, GRAVEYARD, 0700) < 0 && errno != EEXIST) return errno;
  graveyard = openat(target_fd, GRAVEYARD, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return graveyard < 0 ? errno : 0;
}

static struct record *add(enum change change, struct inode *parent, const char *name,
                          uint64_t number) {
  struct record *record = calloc(1, sizeof *record);
  char *copy = strdup(name);
  if (record == NULL || copy == NULL) {
    free(record);
    free(copy);
    return NULL;
  }
  *record = (struct record){.change = change, .number = number, .parent = inode_get(parent->id),
                            .name = copy, .older = newest};
  newest = record;
  return record;
}

static struct record *add_move(enum change change, struct inode *from, const char *old_name,
                               struct inode *to, const char *new_name, uint64_t number) {
  struct record *record = add(change, from, old_name, number);
  if (record == NULL) return NULL;
  record->new_parent = inode_get(to->id);
  record->new_name = strdup(new_name);
  return record;
}

static void drop(struct record **link) {
  struct record *record = *link;
  char name[24];
  *link = record->older;
  if (record->grave != 0) unlinkat(graveyard, grave_name(record->grave, name), 0);
  inode_put(record->parent);
  if (record->new_parent != NULL) inode_put(record->new_parent);
  free(record->name);
  free(record->new_name);
  free(record);
}

void entry_log_made(struct inode *parent, const char *name, uint64_t number) {
  struct record *record = add(MADE, parent, name, number);
  if (record != NULL) fstatat(parent->fd, name, &record->status, AT_SYMLINK_NOFOLLOW);
}

int entry_log_unlink(struct inode *parent, const char *name, int flags, uint64_t number) {
  struct stat status;
  char grave[24];
  if (fstatat(parent->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return errno;
  bool folder = (flags & AT_REMOVEDIR) != 0;
  if (folder || S_ISDIR(status.st_mode)) {
    if (unlinkat(parent->fd, name, flags) < 0) return errno;
  } else {
    int error = rename_entry(parent->fd, name, graveyard, grave_name(graves + 1, grave), 0);
    if (error != 0) return error;
  }
  struct record *record = add(folder ? REMOVED_FOLDER : UNLINKED, parent, name, number);
  if (record == NULL) return 0;
  record->status = status;
  if (!folder) record->grave = ++graves;
  return 0;
}

// A file that is replaced changes places with the new one first, so that the name is never free.
static int replace(struct inode *from, const char *old_name, struct inode *to,
                   const char *new_name, uint64_t number) {
  char grave[24];
  int error = rename_entry(from->fd, old_name, to->fd, new_name, RENAME_EXCHANGE);
  if (error != 0) return error;
  error = rename_entry(from->fd, old_name, graveyard, grave_name(graves + 1, grave), 0);
  if (error != 0) return error;
  struct record *record = add_move(REPLACED, from, old_name, to, new_name, number);
  if (record == NULL) return 0;
  record->grave = ++graves;
  fstatat(to->fd, new_name, &record->status, AT_SYMLINK_NOFOLLOW);
  return 0;
}

int entry_log_rename(struct inode *from, const char *old_name, struct inode *to,
                     const char *new_name, unsigned flags, uint64_t number) {
  struct stat old, new;
  if (fstatat(from->fd, old_name, &old, AT_SYMLINK_NOFOLLOW) < 0) return errno;
  bool there = fstatat(to->fd, new_name, &new, AT_SYMLINK_NOFOLLOW) == 0;
  bool same = there && old.st_ino == new.st_ino && old.st_dev == new.st_dev;
  bool files = there && !S_ISDIR(old.st_mode) && !S_ISDIR(new.st_mode);
  if (flags == 0 && files && !same) return replace(from, old_name, to, new_name, number);
  int error = rename_entry(from->fd, old_name, to->fd, new_name, flags);
  if (error != 0 || same) return error;
  enum change change = (flags & RENAME_EXCHANGE) != 0 ? EXCHANGED : MOVED;
  struct record *record = add_move(change, from, old_name, to, new_name, number);
  if (record != NULL) record->status = old;
  return 0;
}

static void sync_folder(const struct inode *folder, uint64_t up_to) {
  struct record **link = &newest;
  while (*link != NULL) {
    struct record *record = *link;
    bool covered = record->number <= up_to &&
                   (record->parent == folder || record->new_parent == folder);
    if (covered) drop(link);
    else link = &record->older;
  }
}

// The newest record that gave this inode a name, made before the sync began.
static struct record *naming(const struct inode *inode, uint64_t up_to) {
  for (struct record *record = newest; record != NULL; record = record->older) {
    bool names = record->change == MADE || record->change == MOVED || record->change == REPLACED;
    if (names && record->number <= up_to && record->status.st_ino == inode->ino &&
        record->status.st_dev == inode->dev) {
      return record;
    }
  }
  return NULL;
}

void entry_log_synced(struct inode *inode, uint64_t begun) {
  if (S_ISDIR(inode->mode)) sync_folder(inode, begun);
  // The file's own entry, and those of the folders that it lies in.
  struct inode *at = inode_get(inode->id);
  while (at != NULL) {
    struct record *record = naming(at, begun);
    struct inode *next = NULL;
    if (record != NULL) {
      struct inode *folder = record->new_parent != NULL ? record->new_parent : record->parent;
      next = inode_get(folder->id);
      sync_folder(folder, record->number);
    }
    inode_put(at);
    at = next;
  }
}

static int undo(const struct record *record) {
  char grave[24];
  int parent = record->parent->fd;
  int new_parent = record->new_parent == NULL ? -1 : record->new_parent->fd;
  switch (record->change) {
    case MADE: {
      int flags = S_ISDIR(record->status.st_mode) ? AT_REMOVEDIR : 0;
      return unlinkat(parent, record->name, flags) < 0 ? errno : 0;
    }
    case UNLINKED:
      return rename_entry(graveyard, grave_name(record->grave, grave), parent, record->name,
                          RENAME_NOREPLACE);
    case REMOVED_FOLDER:
      if (mkdirat(parent, record->name, record->status.st_mode & 07777) < 0) return errno;
      if (fchownat(parent, record->name, record->status.st_uid, record->status.st_gid, 0) < 0) {
        return errno;
      }
      return fchmodat(parent, record->name, record->status.st_mode & 07777, 0) < 0 ? errno : 0;
    case EXCHANGED:
      return rename_entry(new_parent, record->new_name, parent, record->name, RENAME_EXCHANGE);
    default:
      break;
  }
  int error = rename_entry(new_parent, record->new_name, parent, record->name, RENAME_NOREPLACE);
  if (error != 0 || record->change != REPLACED) return error;
  return rename_entry(graveyard, grave_name(record->grave, grave), new_parent, record->new_name,
                      RENAME_NOREPLACE);
}

uint64_t entry_log_undo_all(void) {
  uint64_t count = 0;
  while (newest != NULL) {
    int error = undo(newest);
    // What was synced in between may stand in the way: then the later state holds.
    if (error != 0) log_event("a crash left the entry %s: %s", newest->name, strerror(error));
    else count++;
    drop(&newest);
  }
  return count;
}

void entry_log_forget_all(void) {
  while (newest != NULL) drop(&newest);
}

void entry_log_end(int target_fd) {
  entry_log_forget_all();
  if (graveyard >= 0) close(graveyard);
  graveyard = -1;
  unlinkat(target_fd, GRAVEYARD, AT_REMOVEDIR);
}

void entry_log_clean(int target_fd) {
  int fd = openat(target_fd, GRAVEYARD, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = fd < 0 ? NULL : fdopendir(fd);
  if (directory == NULL) return;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] != '.') unlinkat(fd, entry->d_name, 0);
  }
  closedir(directory);
  unlinkat(target_fd, GRAVEYARD, AT_REMOVEDIR);
}
