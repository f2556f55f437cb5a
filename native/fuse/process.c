// Reads /proc, only for faults that ask for a process.
#include "process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_file(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t length = read(fd, text, size - 1);
  close(fd);
  if (length < 0) return false;
  text[length] = '\0';
  return true;
}

static void read_comm(int64_t pid, char *comm, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%lld/comm", (long long)pid);
  if (!read_file(path, comm, size)) comm[0] = '\0';
  comm[strcspn(comm, "\n")] = '\0';
}

bool process_of(uint32_t thread, struct process *process) {
  char path[64], status[1024];
  snprintf(path, sizeof path, "/proc/%u/status", thread);
  if (!read_file(path, status, sizeof status)) return false;
  const char *line = strstr(status, "\nTgid:");
  process->pid = line == NULL ? thread : strtoll(line + 6, NULL, 10);
  read_comm(thread, process->thread, sizeof process->thread);
  read_comm(process->pid, process->comm, sizeof process->comm);
  return true;
}
