// Feeds malformed requests to the dispatcher: random ones, and well-formed ones with bytes changed,
// cut off or repeated. Nothing may crash; with sanitizers nothing may be read or written out of
// bounds either. Built from all sources but main.c, run by kibosh/sanitizers.test.ts:
//   requests-test FOLDER SEED COUNT
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commit.h"
#include "control.h"
#include "credentials.h"
#include "dispatch.h"
#include "faults.h"
#include "inodes.h"
#include "log.h"
#include "notify.h"
#include "session.h"
#include "workers.h"

#define FILE_SIZE_MAX (1u << 20)

static uint64_t state;

static uint64_t draw(void) {
  state += UINT64_C(0x9e3779b97f4a7c15);
  return mix64(state);
}

static uint64_t below(uint64_t bound) {
  return draw() % bound;
}

static const char *const names[] = {"a", "b", "d", "kibosh_control", "..", ".", "", "x/y",
                                    "kibosh_status", "user.a", "link"};

static size_t put_name(char *at) {
  const char *name = names[below(sizeof names / sizeof names[0])];
  size_t length = strlen(name) + 1;
  memcpy(at, name, length);
  return length;
}

// Numbers that mean something often enough: small ids, flags, sizes, and the ends of their ranges.
static uint64_t odd_number(void) {
  static const uint64_t ends[] = {0, 1, 2, 3, 4, 16, 17, 4096, 65536, 0x7fffffff, 0xffffffff,
                                  UINT64_MAX, INT64_MAX, 1u << 20, (1u << 20) + 1};
  return below(3) == 0 ? draw() : ends[below(sizeof ends / sizeof ends[0])];
}

// A header, then numbers where structures stand, then names or data.
static size_t make_message(char *message) {
  struct fuse_in_header head = {.opcode = (uint32_t)below(60), .unique = 2 + below(1000) * 2,
                                .nodeid = below(4) == 0 ? odd_number() : 1 + below(24),
                                .pid = (uint32_t)getpid()};
  size_t size = sizeof head;
  size_t numbers = below(12);
  for (size_t i = 0; i < numbers; i++) {
    uint64_t number = below(2) == 0 ? below(40) : odd_number();
    size_t width = below(3) == 0 ? 8 : 4;
    memcpy(message + size, &number, width);
    size += width;
  }
  for (uint64_t i = below(3); i > 0; i--) size += put_name(message + size);
  if (below(4) == 0) {
    size_t extra = below(9000);
    for (size_t i = 0; i < extra; i++) message[size++] = (char)draw();
  }
  if (below(20) == 0) head.total_extlen = (uint16_t)draw();
  head.len = below(50) == 0 ? (uint32_t)draw() : (uint32_t)size;
  memcpy(message, &head, sizeof head);
  return size;
}

// A request that is right, so that there are inodes and handles for the others to meet.
static size_t make_good(char *message, uint32_t opcode, uint64_t nodeid, const void *args,
                        size_t args_size, const char *name) {
  struct fuse_in_header head = {.opcode = opcode, .unique = 2, .nodeid = nodeid};
  size_t size = sizeof head;
  memcpy(message + size, args, args_size);
  size += args_size;
  if (name != NULL) {
    memcpy(message + size, name, strlen(name) + 1);
    size += strlen(name) + 1;
  }
  head.len = (uint32_t)size;
  memcpy(message, &head, sizeof head);
  return size;
}

static void open_some(struct worker *worker, char *message) {
  const struct fuse_create_in create = {.flags = O_RDWR, .mode = 0600};
  const struct fuse_open_in open = {.flags = O_RDWR};
  const struct fuse_mkdir_in folder = {.mode = 0700};
  dispatch_message(worker, message,
                   make_good(message, FUSE_CREATE, 1, &create, sizeof create, "a"));
  dispatch_message(worker, message,
                   make_good(message, FUSE_MKDIR, 1, &folder, sizeof folder, "d"));
  dispatch_message(worker, message,
                   make_good(message, FUSE_OPENDIR, 1, &open, sizeof open, NULL));
  dispatch_message(worker, message,
                   make_good(message, FUSE_OPEN, INODE_CONTROL, &open, sizeof open, NULL));
}

static void mutate(char *message, size_t *size) {
  for (uint64_t i = below(4); i > 0; i--) message[below(*size)] = (char)draw();
  if (below(6) == 0) *size = below(*size + 1);
}

// Put into force one after the other, so that every effect meets the requests.
static const char *const documents[] = {
    "{}",
    "{\"faults\":[{\"type\":\"read_corrupt\",\"mode\":1001,\"fraction\":0.5,\"count\":9}]}",
    "{\"faults\":[{\"type\":\"delay\",\"ops\":\"*\",\"delay_ms\":1,\"probability\":0.2}]}",
    "{\"faults\":[{\"type\":\"lose_unsynced\"},{\"type\":\"short\",\"max_bytes\":3}]}",
    "{\"faults\":[{\"type\":\"lose_unsynced\"}],\"crash\":{\"id\":1}}",
    "{\"faults\":[{\"type\":\"full_disk\",\"available_bytes\":9000},"
    "{\"type\":\"bit_rot\",\"rate\":0.5}]}",
    "{\"faults\":[{\"type\":\"failed_sync\"},{\"type\":\"error\",\"ops\":\"*\",\"every\":3}]}",
};
#define DOCUMENTS (sizeof documents / sizeof documents[0])

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  // Numbers drawn at random would fill the disk: no file may grow beyond this.
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){FILE_SIZE_MAX, FILE_SIZE_MAX});
  signal(SIGXFSZ, SIG_IGN);
  state = strtoull(argv[2], NULL, 10);
  session.options = (struct options){.target = argv[1], .mountpoint = argv[1], .seed = state};
  session.target_fd = open(argv[1], O_PATH | O_DIRECTORY);
  session.proc_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY);
  session.device = open("/dev/null", O_RDWR);
  session.descriptors = 500;
  session.direct_io = true;
  session.features = FUSE_SETXATTR_EXT;
  log_open(session.device);
  credentials_start();
  if (!inodes_start(session.target_fd) || !control_start() || !notify_start()) return 1;
  struct worker *worker = worker_new(session.device, true);
  if (worker == NULL) return 1;
  dispatch_prepare_thread();
  // In place, as a worker reads them, so that the payload's alignment is the real one.
  for (long i = 0, count = atol(argv[3]); i < count; i++) {
    char *message = request_buffer(worker);
    if (i % 3000 == 0) {
      const char *text = documents[i / 3000 % DOCUMENTS];
      if (commit(text, strlen(text), NULL) != 0) return 1;
    }
    if (i % 200 == 0) open_some(worker, message);
    size_t size = make_message(message);
    if (below(3) == 0) mutate(message, &size);
    dispatch_message(worker, message, size);
  }
  printf("%llu inodes\n", (unsigned long long)inode_count());
  return 0;
}
