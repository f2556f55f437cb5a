// A few further names for an inode, and a ring of who used which. Beyond NAMES names the oldest is
// forgotten: an open by it then counts as one by the inode's first name.
#include "links.h"

#include <stdlib.h>
#include <string.h>

#define NAMES 16
#define RECENT 16
#define FIRST_NAME (-1)

struct name {
  struct inode *parent;
  char *text;
};

struct links {
  struct name names[NAMES];
  int count;
  int oldest;
  struct {
    uint32_t pid;
    int name;
  } recent[RECENT];
  unsigned next;
};

static int index_of(const struct links *links, const struct inode *parent, const char *name) {
  for (int i = 0; i < links->count; i++) {
    if (links->names[i].parent == parent && strcmp(links->names[i].text, name) == 0) return i;
  }
  return NAMES;
}

static void set_name(struct name *entry, struct inode *parent, char *text) {
  free(entry->text);
  struct inode *old_parent = entry->parent;
  parent->refs++;
  *entry = (struct name){parent, text};
  if (old_parent != NULL) inode_unref_locked(old_parent);
}

static int add_name(struct links *links, struct inode *parent, const char *name) {
  char *copy = strdup(name);
  if (copy == NULL) return FIRST_NAME;
  int index = links->count < NAMES ? links->count++ : links->oldest++ % NAMES;
  set_name(&links->names[index], parent, copy);
  return index;
}

void links_seen(struct inode *inode, struct inode *parent, const char *name, uint32_t pid) {
  if (inode->links == NULL) inode->links = calloc(1, sizeof *inode->links);
  struct links *links = inode->links;
  if (links == NULL || inode->parent == NULL) return;
  int index = FIRST_NAME;
  if (inode->parent != parent || strcmp(inode->name, name) != 0) {
    index = index_of(links, parent, name);
    if (index == NAMES) index = add_name(links, parent, name);
  }
  if (pid == 0) return;
  unsigned slot = links->next++ % RECENT;
  for (unsigned i = 0; i < RECENT; i++) {
    if (links->recent[i].pid == pid) slot = i;
  }
  links->recent[slot].pid = pid;
  links->recent[slot].name = index;
}

void links_release(struct inode *inode) {
  struct links *links = inode->links;
  if (links == NULL) return;
  inode->links = NULL;
  for (int i = 0; i < links->count; i++) {
    free(links->names[i].text);
    inode_unref_locked(links->names[i].parent);
  }
  free(links);
}

bool links_renamed(struct inode *inode, struct inode *old_parent, const char *old_name,
                   struct inode *parent, const char *name) {
  struct links *links = inode->links;
  if (links == NULL) return false;
  int index = index_of(links, old_parent, old_name);
  if (index == NAMES) return false;
  char *copy = strdup(name);
  if (copy != NULL) set_name(&links->names[index], parent, copy);
  return true;
}

void links_used_by(struct inode *inode, uint32_t pid, const struct inode **parent,
                   const char **name) {
  struct links *links = inode->links;
  for (unsigned i = 0; i < RECENT; i++) {
    if (links->recent[i].pid != pid || pid == 0) continue;
    // Used up: an open without a lookup comes by a cached entry, which only the first name has.
    links->recent[i].pid = 0;
    int index = links->recent[i].name;
    if (index == FIRST_NAME) return;
    *parent = links->names[index].parent;
    *name = links->names[index].text;
    return;
  }
}
