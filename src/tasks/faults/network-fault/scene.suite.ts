// Namespaces in which packets of both address families can be cut or come twice: by iptables, and
// on nodes that have nft or legacy iptables alone.

import { networkNamespace } from "../../../../test/support/network-namespace.ts";
import { type MakeScene, networkPicture } from "../../fault-scene.suite.ts";
import { toolScenes } from "../../network-rules/tool-scenes.suite.ts";

export const makeScene: MakeScene = async () => {
  const namespace = await networkNamespace();
  await namespace.run("ip6tables", "-A", "OUTPUT", "-p", "tcp", "-j", "ACCEPT");
  return {
    spec: {
      class: "NetworkFault",
      durationMs: 60_000,
      nodeNames: ["a"],
      peers: ["b", "10.0.0.0/8"],
      localPorts: [9092],
      probability: 0.5,
    },
    node: "a",
    nodes: { a: "192.0.2.1", b: "2001:db8::3" },
    namespace,
    picture: () => networkPicture(namespace),
    removeEffect: async () => {
      const keep = "grep -v -e '-j TROGDOR'";
      await namespace.run("sh", "-c", `ip6tables-save | ${keep} | ip6tables-restore`);
    },
    vanish: async () => {
      await namespace.run("sh", "-c", "iptables -F; iptables -X; ip6tables -F; ip6tables -X");
    },
    [Symbol.asyncDispose]: () => namespace[Symbol.asyncDispose](),
  };
};

const duplicating: MakeScene = async () => {
  const scene = await makeScene();
  return { ...scene, spec: { ...scene.spec, action: "duplicate" } };
};

export const otherScenes: Readonly<Record<string, MakeScene>> = {
  ...toolScenes(makeScene),
  "sending packets twice": duplicating,
};
