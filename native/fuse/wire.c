// Reads arguments out of requests, never past their end, and writes replies.
#include "wire.h"

#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define SMALL 512

// A failure means that the request was aborted or the file system unmounted: nobody listens.
static void send_parts(int device, const struct iovec *parts, int count) {
  while (writev(device, parts, count) < 0 && errno == EINTR) {
  }
}

// The kernel takes each piece, and each page of it, by itself: small answers are one piece.
static void send_small(int device, const struct iovec *parts, int count) {
  alignas(SMALL) char buffer[SMALL];
  size_t size = 0;
  for (int i = 0; i < count; i++) {
    if (parts[i].iov_len > 0) memcpy(buffer + size, parts[i].iov_base, parts[i].iov_len);
    size += parts[i].iov_len;
  }
  while (write(device, buffer, size) < 0 && errno == EINTR) {
  }
}

static void send_reply(int device, uint64_t unique, int error, const struct iovec *parts,
                       int count) {
  struct fuse_out_header head = {.len = sizeof head, .error = -error, .unique = unique};
  struct iovec all[3] = {{.iov_base = &head, .iov_len = sizeof head}};
  for (int i = 0; i < count; i++) {
    all[i + 1] = parts[i];
    head.len += (uint32_t)parts[i].iov_len;
  }
  (head.len <= SMALL ? send_small : send_parts)(device, all, count + 1);
}

void reply_error(struct request *request, int error) {
  request->error = error;
  send_reply(request->device, request->header.unique, error, NULL, 0);
}

void reply_data(struct request *request, const void *data, size_t size) {
  struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
  send_reply(request->device, request->header.unique, 0, &part, 1);
}

void reply_two(struct request *request, const void *head, size_t head_size, const void *data,
               size_t size) {
  struct iovec parts[2] = {
      {.iov_base = (void *)(uintptr_t)head, .iov_len = head_size},
      {.iov_base = (void *)(uintptr_t)data, .iov_len = size},
  };
  send_reply(request->device, request->header.unique, 0, parts, 2);
}

void reply_late(int device, uint64_t unique, int error) {
  send_reply(device, unique, error, NULL, 0);
}

const void *args_struct(const struct request *request, size_t size) {
  return request->args_size < size ? NULL : request->args;
}

const char *args_text(const struct request *request, size_t *offset) {
  if (*offset >= request->args_size) return NULL;
  const char *text = request->args + *offset;
  size_t room = request->args_size - *offset;
  size_t length = strnlen(text, room);
  if (length == room) return NULL;
  *offset += length + 1;
  return text;
}

bool is_entry_name(const char *name) {
  if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return false;
  return strchr(name, '/') == NULL;
}
