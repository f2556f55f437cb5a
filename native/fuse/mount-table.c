// Reads /proc/self/mountinfo. Paths there write blanks and the like as three octal digits.
#include "mount-table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

static void unescape(const char *from, char *to, size_t size) {
  size_t used = 0;
  while (*from != '\0' && used + 1 < size) {
    if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] != '\0' && from[3] != '\0') {
      to[used++] = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
      from += 4;
    } else {
      to[used++] = *from++;
    }
  }
  to[used] = '\0';
}

static bool parse_line(char *line, struct mount_entry *entry) {
  unsigned major_number, minor_number;
  int parent, at = 0;
  if (sscanf(line, "%d %d %u:%u %*s %n", &entry->id, &parent, &major_number, &minor_number, &at) <
          4 || at == 0) {
    return false;
  }
  entry->device = makedev(major_number, minor_number);
  char *path = line + at;
  char *end = strchr(path, ' ');
  if (end == NULL) return false;
  *end = '\0';
  unescape(path, entry->path, sizeof entry->path);
  const char *type = strstr(end + 1, " - ");
  if (type == NULL) return false;
  snprintf(entry->type, sizeof entry->type, "%.*s", (int)strcspn(type + 3, " "), type + 3);
  return true;
}

// The last entry that fits: mounts on the same place stand in the order in which they were made.
static bool find(const char *path, int id, struct mount_entry *entry) {
  FILE *file = fopen("/proc/self/mountinfo", "re");
  if (file == NULL) return false;
  char *line = NULL;
  size_t room = 0;
  bool found = false;
  struct mount_entry candidate;
  while (getline(&line, &room, file) >= 0) {
    if (!parse_line(line, &candidate)) continue;
    if (path != NULL ? strcmp(candidate.path, path) != 0 : candidate.id != id) continue;
    *entry = candidate;
    found = true;
  }
  free(line);
  fclose(file);
  return found;
}

bool mount_at(const char *path, struct mount_entry *entry) {
  return find(path, 0, entry);
}

bool mount_of(int fd, struct mount_entry *entry) {
  char path[64], line[128];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  int id = -1;
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, "mnt_id:", 7) == 0) id = atoi(line + 7);
  }
  fclose(file);
  return id >= 0 && find(NULL, id, entry);
}

bool mount_is_ours(const struct mount_entry *entry) {
  return strcmp(entry->type, "fuse.kibosh") == 0;
}
