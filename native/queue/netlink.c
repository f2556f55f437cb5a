// One queue of the kernel's packet filter (NFQUEUE), spoken to over netlink. The kernel keeps the
// packets; their bytes come here only when they are asked for. When the queue is full, or this
// process is gone, the kernel lets packets pass: traffic is never cut by an engine that died.

#include "queue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUEUED_MAX 200000
#define RECEIVE_BUFFER_BYTES (32 << 20)
#define VERDICTS_MAX 64
#define PACKET_BYTES_MAX 65535

static int descriptor = -1;
static uint16_t queue_number;

struct verdict {
  struct nlmsghdr header;
  struct nfgenmsg generic;
  struct nlattr attribute;
  struct nfqnl_msg_verdict_hdr verdict;
};

static struct verdict verdicts[VERDICTS_MAX];
static size_t verdict_count = 0;

static bool failed(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return false;
}

struct setting {
  uint16_t type;
  uint16_t size;
  const void *value;
};

// Sends attributes of the queue's configuration and waits for the kernel's answer.
static bool configure(const struct setting *settings, size_t count) {
  char message[256] __attribute__((aligned(4))) = {0};
  struct nlmsghdr *header = (struct nlmsghdr *)message;
  struct nfgenmsg *generic = NLMSG_DATA(header);
  header->nlmsg_type = (NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_CONFIG;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  generic->nfgen_family = AF_UNSPEC;
  generic->version = NFNETLINK_V0;
  generic->res_id = htons(queue_number);
  char *at = (char *)generic + NLMSG_ALIGN(sizeof(*generic));
  for (size_t i = 0; i < count; i++) {
    struct nlattr *attribute = (struct nlattr *)at;
    attribute->nla_type = settings[i].type;
    attribute->nla_len = (uint16_t)(NLA_HDRLEN + settings[i].size);
    memcpy(at + NLA_HDRLEN, settings[i].value, settings[i].size);
    at += NLA_ALIGN(attribute->nla_len);
  }
  header->nlmsg_len = (uint32_t)(at - message);
  if (send(descriptor, message, header->nlmsg_len, 0) < 0) return false;
  char answer[4096] __attribute__((aligned(4)));
  ssize_t length = recv(descriptor, answer, sizeof(answer), 0);
  if (length < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr))) return false;
  struct nlmsghdr *reply = (struct nlmsghdr *)answer;
  if (reply->nlmsg_type != NLMSG_ERROR) return true;
  errno = -((struct nlmsgerr *)NLMSG_DATA(reply))->error;
  return errno == 0;
}

static bool set(uint16_t type, const void *value, uint16_t size) {
  return configure(&(struct setting){.type = type, .size = size, .value = value}, 1);
}

// The kernel takes flags only beside the mask that names them.
static bool set_flags(uint32_t wanted) {
  uint32_t value = htonl(wanted);
  struct setting settings[2] = {
      {.type = NFQA_CFG_FLAGS, .size = sizeof(value), .value = &value},
      {.type = NFQA_CFG_MASK, .size = sizeof(value), .value = &value},
  };
  return configure(settings, 2);
}

bool open_queue(uint16_t number, bool wants_bytes) {
  queue_number = number;
  descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (descriptor < 0) return failed("netlink");
  struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  if (bind(descriptor, (struct sockaddr *)&address, sizeof(address)) != 0) return failed("bind");
  int size = RECEIVE_BUFFER_BYTES;
  int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
  setsockopt(descriptor, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof(on));
  struct nfqnl_msg_config_cmd command = {.command = NFQNL_CFG_CMD_BIND, .pf = htons(AF_UNSPEC)};
  if (!set(NFQA_CFG_CMD, &command, sizeof(command))) return failed("queue");
  uint32_t length = htonl(QUEUED_MAX);
  if (!set(NFQA_CFG_QUEUE_MAXLEN, &length, sizeof(length))) return failed("queue length");
  // A full queue lets pass. Packets that the network card would cut to size stay whole, but not
  // those that are sent again: these need their size and their checksum.
  uint32_t wanted = NFQA_CFG_F_FAIL_OPEN | (wants_bytes ? 0 : NFQA_CFG_F_GSO);
  if (!set_flags(wanted)) return failed("fail-open");
  struct nfqnl_msg_config_params parameters = {
      .copy_range = htonl(wants_bytes ? PACKET_BYTES_MAX : 0),
      .copy_mode = wants_bytes ? NFQNL_COPY_PACKET : NFQNL_COPY_META,
  };
  if (!set(NFQA_CFG_PARAMS, &parameters, sizeof(parameters))) return failed("copy mode");
  return true;
}

int queue_descriptor(void) { return descriptor; }

// The value of an attribute if it is of that type and not too short.
static bool attribute_value(const struct nlattr *attribute, uint16_t type, void *value,
                            size_t size) {
  if ((attribute->nla_type & NLA_TYPE_MASK) != type) return false;
  if (attribute->nla_len < NLA_HDRLEN + size) return false;
  memcpy(value, (const char *)attribute + NLA_HDRLEN, size);
  return true;
}

// Which packet a message is about; false when it does not say.
static bool parse_packet(const struct nlmsghdr *header, struct packet *packet) {
  const char *at = (const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct nfgenmsg));
  const char *end = (const char *)header + header->nlmsg_len;
  bool has_id = false;
  *packet = (struct packet){0};
  while (at + NLA_HDRLEN <= end) {
    const struct nlattr *attribute = (const struct nlattr *)at;
    if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > end - at) break;
    struct nfqnl_msg_packet_hdr found;
    uint32_t device;
    if (attribute_value(attribute, NFQA_PACKET_HDR, &found, sizeof(found))) {
      packet->id = ntohl(found.packet_id);
      has_id = true;
    } else if (attribute_value(attribute, NFQA_IFINDEX_OUTDEV, &device, sizeof(device)) ||
               attribute_value(attribute, NFQA_IFINDEX_INDEV, &device, sizeof(device))) {
      packet->device = ntohl(device);
    } else if ((attribute->nla_type & NLA_TYPE_MASK) == NFQA_PAYLOAD) {
      packet->bytes = (const unsigned char *)at + NLA_HDRLEN;
      packet->size = attribute->nla_len - NLA_HDRLEN;
    }
    at += NLA_ALIGN(attribute->nla_len);
  }
  return has_id;
}

bool read_packets(void (*take)(const struct packet *packet)) {
  static char buffer[PACKET_BYTES_MAX + 65536] __attribute__((aligned(4)));
  for (;;) {
    ssize_t length = recv(descriptor, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (length < 0) return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
    if (length == 0) return false;
    size_t at = 0;
    while (at + sizeof(struct nlmsghdr) <= (size_t)length) {
      const struct nlmsghdr *header = (const struct nlmsghdr *)(buffer + at);
      if (header->nlmsg_len < sizeof(struct nlmsghdr)) break;
      if (header->nlmsg_len > (size_t)length - at) break;
      at += NLMSG_ALIGN(header->nlmsg_len);
      struct packet packet;
      if (header->nlmsg_type == ((NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_PACKET) &&
          parse_packet(header, &packet)) {
        take(&packet);
      }
    }
  }
}

void accept_packet(uint32_t id) {
  if (verdict_count == VERDICTS_MAX) flush_verdicts();
  verdicts[verdict_count++] = (struct verdict){
      .header = {.nlmsg_len = sizeof(struct verdict),
                 .nlmsg_type = (NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_VERDICT,
                 .nlmsg_flags = NLM_F_REQUEST},
      .generic = {.nfgen_family = AF_UNSPEC,
                  .version = NFNETLINK_V0,
                  .res_id = htons(queue_number)},
      .attribute = {.nla_len = NLA_HDRLEN + sizeof(struct nfqnl_msg_verdict_hdr),
                    .nla_type = NFQA_VERDICT_HDR},
      .verdict = {.verdict = htonl(NF_ACCEPT), .id = htonl(id)},
  };
}

void flush_verdicts(void) {
  if (verdict_count == 0) return;
  if (send(descriptor, verdicts, verdict_count * sizeof(struct verdict), 0) < 0) errno = 0;
  verdict_count = 0;
}
