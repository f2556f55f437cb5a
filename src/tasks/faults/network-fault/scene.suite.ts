// Namespaces in which packets of both address families can be cut or come twice: by iptables, and
// on nodes that have nft or legacy iptables alone.

import { networkNamespace } from "../../../../test/support/network-namespace.ts";
import { commandsWith, toolFolder } from "../../../../test/support/tool-folder.ts";
import { type FaultScene, type MakeScene, networkPicture } from "../../fault-scene.suite.ts";

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

/** Rules that somebody else has set stay as they are. */
const foreignRules = `add table inet foreign; add chain inet foreign input {
  type filter hook input priority 0; policy accept; };
  add rule inet foreign input ct state established counter accept`;

const onNftAlone: MakeScene = async () => {
  const scene = await withTools(["nft"]);
  await scene.namespace!.run("nft", foreignRules);
  const remove = `for table in $(nft list tables inet | grep -o 'TROGDOR-[0-9]*'); do
    nft delete table inet $table; done`;
  const removeEffect = async () => void (await scene.namespace!.run("sh", "-c", remove));
  return { ...scene, removeEffect, vanish: removeEffect };
};

const onLegacyTables: MakeScene = async () => {
  const scene = await withTools(["iptables-legacy", "ip6tables-legacy"]);
  const flush = (program: string) => `${program} -F; ${program} -X`;
  return {
    ...scene,
    removeEffect: async () => void (await scene.namespace!.run("ip6tables-legacy", "-F", "INPUT")),
    vanish: async () => {
      const both = `${flush("iptables-legacy")}; ${flush("ip6tables-legacy")}`;
      await scene.namespace!.run("sh", "-c", both);
    },
  };
};

async function withTools(programs: readonly string[]): Promise<FaultScene> {
  const scene = await makeScene();
  const tools = toolFolder(programs);
  return {
    ...scene,
    path: tools.path,
    stand: { commands: commandsWith(tools, scene.namespace!) },
    async [Symbol.asyncDispose]() {
      tools[Symbol.dispose]();
      await scene[Symbol.asyncDispose]();
    },
  };
}

const duplicating: MakeScene = async () => {
  const scene = await makeScene();
  return { ...scene, spec: { ...scene.spec, action: "duplicate" } };
};

export const otherScenes: Readonly<Record<string, MakeScene>> = {
  "by nft alone": onNftAlone,
  "by iptables-legacy alone, on tables that the kernel has": onLegacyTables,
  "sending packets twice": duplicating,
};
