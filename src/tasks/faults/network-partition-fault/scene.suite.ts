// A namespace in which packets of two other nodes, one with an IPv6 address, can be dropped.

import { networkNamespace } from "../../../../test/support/network-namespace.ts";
import { type MakeScene, networkPicture } from "../../fault-scene.suite.ts";

export const makeScene: MakeScene = async () => {
  const namespace = await networkNamespace();
  await namespace.run("iptables", "-A", "INPUT", "-p", "tcp", "-j", "ACCEPT");
  return {
    spec: { class: "NetworkPartitionFault", durationMs: 60_000, partitions: [["a"], ["b", "c"]] },
    node: "a",
    nodes: { a: "192.0.2.1", b: "192.0.2.2", c: "2001:db8::3" },
    namespace,
    picture: () => networkPicture(namespace),
    removeEffect: async () => {
      await namespace.run("sh", "-c", "iptables-save | grep -v -e '-j TROGDOR' | iptables-restore");
    },
    vanish: async () => {
      await namespace.run("sh", "-c", "iptables -F; iptables -X; ip6tables -F; ip6tables -X");
    },
    [Symbol.asyncDispose]: () => namespace[Symbol.asyncDispose](),
  };
};
