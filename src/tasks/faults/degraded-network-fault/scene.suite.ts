// A namespace with a pair of devices, of which one is slowed down and delayed: by netem, or by the
// queue where the kernel has no netem.

import { networkNamespace } from "../../../../test/support/network-namespace.ts";
import { realProcessTable } from "../../../platform/process-table/real-process-table.ts";
import { type MakeScene, networkPicture } from "../../fault-scene.suite.ts";

export const makeScene: MakeScene = async () => {
  const namespace = await networkNamespace();
  await namespace.run("ip", "link", "add", "left0", "type", "veth", "peer", "name", "right0");
  for (const device of ["left0", "right0"]) await namespace.run("ip", "link", "set", device, "up");
  return {
    spec: {
      class: "DegradedNetworkFault",
      durationMs: 60_000,
      nodeSpecs: {
        a: { networkDevice: "left0", latencyMs: 20, duplicatePercent: 5, rateLimitKbit: 3000 },
      },
    },
    node: "a",
    nodes: { a: "192.0.2.1" },
    namespace,
    picture: () => networkPicture(namespace),
    removeEffect: async () => {
      await namespace.run("tc", "qdisc", "del", "dev", "left0", "root");
    },
    vanish: async () => {
      await namespace.run("ip", "link", "del", "left0");
      const inode = (await namespace.run("readlink", "/proc/self/ns/net")).replace(/\D/g, "");
      const all = await realProcessTable.list();
      const isQueue = /^trogdor-queue-\d+-(\d+)$/;
      const queues = all.filter((one) => isQueue.exec(one.command.at(-1) ?? "")?.[1] === inode);
      for (const one of queues) process.kill(one.pid, "SIGKILL");
      await namespace.run("sh", "-c", "iptables -t mangle -F; ip6tables -t mangle -F");
    },
    [Symbol.asyncDispose]: () => namespace[Symbol.asyncDispose](),
  };
};
