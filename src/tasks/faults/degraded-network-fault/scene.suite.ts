// A namespace with a pair of devices. Only the rate is limited: not every kernel can delay.

import { networkNamespace } from "../../../../test/support/network-namespace.ts";
import { type MakeScene, networkPicture } from "../../fault-scene.suite.ts";

export const makeScene: MakeScene = async () => {
  const namespace = await networkNamespace();
  await namespace.run("ip", "link", "add", "left0", "type", "veth", "peer", "name", "right0");
  for (const device of ["left0", "right0"]) await namespace.run("ip", "link", "set", device, "up");
  return {
    spec: {
      class: "DegradedNetworkFault",
      durationMs: 60_000,
      nodeSpecs: { a: { rateLimitKbit: 3000 } },
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
    },
    [Symbol.asyncDispose]: () => namespace[Symbol.asyncDispose](),
  };
};
