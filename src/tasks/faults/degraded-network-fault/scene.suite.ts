// A namespace with a pair of devices, of which one is slowed down and delayed: by netem, or by the
// queue where the kernel has no netem.

import { networkNamespace } from "../../../../test/support/network-namespace.ts";
import { realProcessTable } from "../../../platform/process-table/real-process-table.ts";
import { type MakeScene, networkPicture } from "../../fault-scene.suite.ts";

export const makeScene: MakeScene = async () => {
  const namespace = await networkNamespace();
  await namespace.run("ip", "link", "add", "left0", "type", "veth", "peer", "name", "right0");
  for (const device of ["left0", "right0"]) await namespace.run("ip", "link", "set", device, "up");
  const queues = async () => {
    const all = await realProcessTable.list();
    return all.filter((one) => one.command.at(-1)?.startsWith("trogdor-queue-") === true);
  };
  return {
    spec: {
      class: "DegradedNetworkFault",
      durationMs: 60_000,
      nodeSpecs: { a: { networkDevice: "left0", latencyMs: 20, rateLimitKbit: 3000 } },
    },
    node: "a",
    nodes: { a: "192.0.2.1" },
    namespace,
    picture: async () => `${await networkPicture(namespace)}${(await queues()).length} queues`,
    removeEffect: async () => {
      await namespace.run("tc", "qdisc", "del", "dev", "left0", "root");
    },
    vanish: async () => {
      await namespace.run("ip", "link", "del", "left0");
      for (const one of await queues()) process.kill(one.pid, "SIGKILL");
      await namespace.run("sh", "-c", "iptables -t mangle -F; ip6tables -t mangle -F");
    },
    [Symbol.asyncDispose]: () => namespace[Symbol.asyncDispose](),
  };
};
