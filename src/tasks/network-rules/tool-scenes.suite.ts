// The scene of a fault that sets packet rules, on nodes where nft or legacy iptables is all that
// there is.

import { commandsWith, toolFolder } from "../../../test/support/tool-folder.ts";
import type { FaultScene, MakeScene } from "../fault-scene.suite.ts";

export function toolScenes(makeScene: MakeScene): Readonly<Record<string, MakeScene>> {
  return {
    "by nft alone": () => onNftAlone(makeScene),
    "by iptables-legacy alone, on tables that the kernel has": () => onLegacyTables(makeScene),
  };
}

/** Rules that somebody else has set stay as they are. */
const foreignRules = `add table inet foreign; add chain inet foreign input {
  type filter hook input priority 0; policy accept; };
  add rule inet foreign input ct state established counter accept`;

const removeTables = `for table in $(nft list tables inet | grep -o 'TROGDOR-[0-9]*'); do
  nft delete table inet $table; done`;

async function onNftAlone(makeScene: MakeScene): Promise<FaultScene> {
  const scene = await withTools(makeScene, ["nft"]);
  const run = scene.namespace!.run;
  await run("nft", foreignRules);
  const removeEffect = async () => void (await run("sh", "-c", removeTables));
  return { ...scene, removeEffect, vanish: removeEffect };
}

async function onLegacyTables(makeScene: MakeScene): Promise<FaultScene> {
  const programs = ["iptables-legacy", "ip6tables-legacy"];
  const scene = await withTools(makeScene, programs);
  const run = scene.namespace!.run;
  const each = (options: string) => programs.map((program) => `${program} ${options}`).join("; ");
  return {
    ...scene,
    removeEffect: async () => void (await run("sh", "-c", each("-F INPUT"))),
    vanish: async () => void (await run("sh", "-c", `${each("-F")}; ${each("-X")}`)),
  };
}

async function withTools(makeScene: MakeScene, programs: readonly string[]): Promise<FaultScene> {
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
