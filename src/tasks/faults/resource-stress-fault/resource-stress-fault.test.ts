// ResourceStressFault with small amounts of everything.

import { describe, expect, test } from "bun:test";
import { realFiles } from "../../../platform/files/real-files.ts";
import type { FaultContext } from "../../define-fault.ts";
import { describeFault } from "../../describe-fault.suite.ts";
import { sceneContext } from "../../fault-scene.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { makeScene } from "./scene.suite.ts";
import { resourceStress } from "./worker.ts";

describeFault("ResourceStressFault", makeScene);

function parse(fields: object) {
  const all = { class: "ResourceStressFault", durationMs: 1, nodeNames: ["a"], ...fields };
  return parseTaskSpec(JSON.stringify(all));
}

const texts: Record<string, string> = {
  "/proc/meminfo": "MemTotal: 8388608 kB\nMemFree: 1 kB\nMemAvailable: 1048576 kB\n",
  "/proc/sys/fs/file-nr": "1000\t0\t10000\n",
};

async function smallNode(): Promise<FaultContext> {
  const scene = await makeScene();
  await scene[Symbol.asyncDispose]();
  const mib = 1024 * 1024;
  return {
    ...sceneContext(scene),
    files: {
      ...realFiles,
      readText: async (path) => texts[path],
      space: async () => ({ totalBytes: 1000 * mib, availableBytes: 200 * mib }),
    },
  };
}

describe("ResourceStressFault", () => {
  test.each([
    [{ memoryBytes: 1_000_000_000 }, "memoryBytes: 1000000000 would not leave enough; at most 6"],
    [{ openFiles: 5000 }, "openFiles: 5000 would not leave enough; at most 4904"],
    [{ diskPath: "/x", diskPercent: 70 }, "is 80 % full already"],
  ])("refuses what the node cannot spare: %j", async (fields, message) => {
    const plan = resourceStress.plan(parse(fields).spec, await smallNode());
    await expect(plan).rejects.toThrow(message);
  });

  test("leaves room on the disk whatever was asked for", async () => {
    const fields = { diskPath: "/x/", diskPercent: 99 };
    const plan = await resourceStress.plan(parse(fields).spec, await smallNode());
    expect(plan).toMatchObject({
      fillPath: "/x/trogdor-stress-4611686018427387902",
      fillSizeBytes: 168 * 1024 * 1024,
    });
  });

  test.each([
    [{}, ["cpus"]],
    [{ cpus: 1, cpuPercent: 0 }, ["cpuPercent"]],
    [{ diskPercent: 100 }, ["diskPercent", "diskPath"]],
    [{ cpus: -1, memoryBytes: -1 }, ["cpus", "memoryBytes"]],
  ])("is refused for %j", async (fields, paths) => {
    const { taskType, spec } = parse(fields);
    const problems = await checkTaskSpec(taskType, spec);
    expect(problems.map((problem) => problem.path)).toEqual(paths);
  });
});
