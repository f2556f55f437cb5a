// Written by the supervisor; read before it is removed, since a later mount may have taken it over.
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "session.h"

void pidfile_write(void) {
  const char *path = session.options.pidfile;
  if (path == NULL) return;
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  char text[32];
  int length = snprintf(text, sizeof text, "%d\n", (int)session.supervisor);
  if (fd < 0 || write(fd, text, (size_t)length) < 0) {
    log_event("the pidfile %s cannot be written: %s", path, strerror(errno));
  }
  if (fd >= 0) close(fd);
}

void pidfile_remove(void) {
  const char *path = session.options.pidfile;
  int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  char text[32];
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  text[length < 0 ? 0 : length] = '\0';
  if (strtol(text, NULL, 10) == session.supervisor) unlink(path);
}
