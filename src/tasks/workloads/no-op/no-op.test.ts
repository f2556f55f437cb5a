// NoOp runs until it is stopped and tells so.

import { describe, expect, test } from "bun:test";
import type { StatusJson, WorkerContext } from "../../define-task.ts";
import { parseTaskSpec } from "../../parse-task-spec.ts";
import { noOp } from "./index.ts";
import type { NoOpSpec } from "./spec.ts";
import { noOpWorker } from "./worker.ts";

const spec = parseTaskSpec('{"class":"NoOp","durationMs":1}').spec as NoOpSpec;

function run(signal: AbortSignal) {
  const statuses: StatusJson[] = [];
  const context = { signal, report: (status: StatusJson) => statuses.push(status) };
  return { statuses, end: noOpWorker(spec, context as unknown as WorkerContext) };
}

describe("NoOp", () => {
  test("is active until the signal, then done", async () => {
    const stop = new AbortController();
    const { statuses, end } = run(stop.signal);
    expect(statuses).toEqual(["active"]);
    stop.abort("expired");
    await end;
    expect(statuses).toEqual(["active", "done"]);
  });

  test("ends at once when it is stopped already", async () => {
    const { statuses, end } = run(AbortSignal.abort("stopped"));
    await end;
    expect(statuses).toEqual(["active", "done"]);
  });

  test("runs on every agent node", () => {
    const node = (name: string, settings: [string, string][]) =>
      [name, { name, hostname: name, tags: [], settings: new Map(settings) }] as const;
    const nodes = new Map([
      node("a", [["trogdor.agent.port", "8888"]]),
      node("b", [["trogdor.coordinator.port", "8889"]]),
      node("c", [["trogdor.agent.port", "8888"]]),
    ]);
    expect(noOp.targetNodes(spec, { nodes })).toEqual(["a", "c"]);
  });

  test("shows its status as phase", () => {
    expect(noOp.progress?.("active", spec)).toEqual({ phase: "active" });
  });
});
