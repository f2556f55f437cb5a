// One queue of the kernel's packet filter (NFQUEUE), spoken to over netlink. The kernel keeps the
// packets; only their ids come here. When the queue is full, or this process is gone, the kernel
// lets packets pass: traffic is never cut by an engine that died.

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

// Sends one attribute of the queue's configuration and waits for the kernel's answer.
static bool configure(uint16_t type, const void *value, size_t size) {
  char message[256] __attribute__((aligned(4))) = {0};
  struct nlmsghdr *header = (struct nlmsghdr *)message;
  struct nfgenmsg *generic = NLMSG_DATA(header);
  struct nlattr *attribute = (struct nlattr *)((char *)generic + NLMSG_ALIGN(sizeof(*generic)));
  header->nlmsg_type = (NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_CONFIG;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  generic->nfgen_family = AF_UNSPEC;
  generic->version = NFNETLINK_V0;
  generic->res_id = htons(queue_number);
  attribute->nla_type = type;
  attribute->nla_len = (uint16_t)(NLA_HDRLEN + size);
  memcpy((char *)attribute + NLA_HDRLEN, value, size);
  size_t before = (size_t)((char *)attribute - message);
  header->nlmsg_len = (uint32_t)(before + NLA_ALIGN(NLA_HDRLEN + size));
  if (send(descriptor, message, header->nlmsg_len, 0) < 0) return false;
  char answer[4096] __attribute__((aligned(4)));
  ssize_t length = recv(descriptor, answer, sizeof(answer), 0);
  if (length < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr))) return false;
  struct nlmsghdr *reply = (struct nlmsghdr *)answer;
  if (reply->nlmsg_type != NLMSG_ERROR) return true;
  errno = -((struct nlmsgerr *)NLMSG_DATA(reply))->error;
  return errno == 0;
}

bool open_queue(uint16_t number) {
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
  if (!configure(NFQA_CFG_CMD, &command, sizeof(command))) return failed("queue");
  uint32_t length = htonl(QUEUED_MAX);
  if (!configure(NFQA_CFG_QUEUE_MAXLEN, &length, sizeof(length))) return failed("queue length");
  // Packets that the network card would cut to size stay whole; a full queue lets pass.
  uint32_t flags[2] = {htonl(NFQA_CFG_F_FAIL_OPEN | NFQA_CFG_F_GSO),
                       htonl(NFQA_CFG_F_FAIL_OPEN | NFQA_CFG_F_GSO)};
  if (!configure(NFQA_CFG_MASK, &flags[0], sizeof(flags[0]))) errno = 0;
  struct nfqnl_msg_config_params parameters = {.copy_range = 0, .copy_mode = NFQNL_COPY_META};
  if (!configure(NFQA_CFG_PARAMS, &parameters, sizeof(parameters))) return failed("copy mode");
  return true;
}

int queue_descriptor(void) { return descriptor; }

static bool packet_id(const struct nlmsghdr *header, uint32_t *id) {
  const char *at = (const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct nfgenmsg));
  const char *end = (const char *)header + header->nlmsg_len;
  while (at + NLA_HDRLEN <= end) {
    const struct nlattr *attribute = (const struct nlattr *)at;
    if (attribute->nla_len < NLA_HDRLEN || at + attribute->nla_len > end) return false;
    if ((attribute->nla_type & NLA_TYPE_MASK) == NFQA_PACKET_HDR &&
        attribute->nla_len >= NLA_HDRLEN + sizeof(struct nfqnl_msg_packet_hdr)) {
      struct nfqnl_msg_packet_hdr packet;
      memcpy(&packet, at + NLA_HDRLEN, sizeof(packet));
      *id = ntohl(packet.packet_id);
      return true;
    }
    at += NLA_ALIGN(attribute->nla_len);
  }
  return false;
}

bool read_packets(void (*take)(uint32_t id)) {
  static char buffer[65536] __attribute__((aligned(4)));
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
      uint32_t id;
      if (header->nlmsg_type == ((NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_PACKET) &&
          packet_id(header, &id)) {
        take(id);
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
