// A unit of a systemd that the test plays: a `systemctl` first on the PATH, which answers and ends
// as the real one does. Its jobs take one look to be done.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realCommands } from "../../../platform/commands/real-commands.ts";
import type { FaultScene } from "../../fault-scene.suite.ts";

export interface UnitScene extends FaultScene {
  /** `active running success`, and what comes of a job to stop and to start. */
  set(file: "kafka.service" | "stopped" | "started", state: string): void;
  /** What it was asked to do, in order. */
  asked(): string[];
}

const script = `#!/bin/sh
cd "\${0%/*}"
for unit; do :; done
verb=$1
[ "$verb" = show ] || echo "$*" >> asked
if ! [ -f "$unit" ]; then
  case $verb in
    show) printf 'LoadState=not-found\nActiveState=inactive\nSubState=dead\nResult=success\n';;
    stop) echo "Failed to stop $unit: Unit $unit not loaded." >&2; exit 5;;
    start) echo "Failed to start $unit: Unit $unit not found." >&2; exit 5;;
  esac
  exit 0
fi
case $verb in
  stop) echo "deactivating stop-sigterm success" > "$unit";;
  start) echo "activating start success" > "$unit";;
  show)
    read -r active sub result < "$unit"
    printf 'Result=%s\nLoadState=loaded\nActiveState=%s\nSubState=%s\n' $result $active $sub
    case $active in
      deactivating) cat stopped > "$unit";;
      activating) cat started > "$unit";;
    esac;;
esac
`;

export const makeUnitScene = async (): Promise<UnitScene> => {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-unit-"));
  const program = join(folder, "systemctl");
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  const set: UnitScene["set"] = (file, state) => writeFileSync(join(folder, file), `${state}\n`);
  set("kafka.service", "active running success");
  // A JVM that is told to end exits with 143.
  set("stopped", "failed failed exit-code");
  set("started", "active running success");
  const path = `PATH=${folder}:${process.env["PATH"]}`;
  const unitFile = join(folder, "kafka.service");
  const asked = join(folder, "asked");
  return {
    set,
    asked: () => (existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n") : []),
    spec: {
      class: "ServiceRestartFault",
      durationMs: 60_000,
      nodeNames: ["a"],
      unit: "kafka.service",
    },
    node: "a",
    nodes: { a: "192.0.2.1" },
    stand: {
      commands: { isRoot: true, run: (command) => realCommands.run(["env", path, ...command]) },
    },
    picture: async () => readFileSync(unitFile, "utf8"),
    removeEffect: async () => set("kafka.service", "active running success"),
    vanish: async () => rmSync(unitFile),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
};
