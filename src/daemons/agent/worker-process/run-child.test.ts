// The child's side, in this process: an order in, lines of JSON out.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "../../../platform/clock/simulated-clock.ts";
import { simulatedProcesses } from "../../../platform/processes/simulated-processes.ts";
import { childOrderLine, readChildOrder } from "./child-order.ts";
import { childReports } from "./child-reports.ts";
import { runChild } from "./run-child.ts";
import { orderOf } from "./test-runner.suite.ts";

interface Input {
  readonly written: string[];
  readonly exitCode: Promise<number>;
  say(line: string): void;
  close(): void;
  terminate(): void;
}

function run(first: string): Input {
  const written: string[] = [];
  const lines = new TransformStream<string, string>();
  const writer = lines.writable.getWriter();
  let terminate = () => {};
  const say = (line: string) => void writer.write(line).catch(() => {});
  say(first);
  const exitCode = runChild({
    lines: lines.readable,
    write: (text) => written.push(text),
    isBehind: () => false,
    onTerminate: (listener) => {
      terminate = listener;
    },
    clock: createSimulatedClock(),
    processes: simulatedProcesses(() => undefined),
  });
  return {
    written,
    exitCode,
    say,
    close: () => void writer.close(),
    terminate: () => terminate(),
  };
}

const started = '{"started":true}\n';
const whole = [started, '{"status":"active"}\n', '{"stopping":true}\n', '{"status":"done"}\n'];

describe("an order", () => {
  test("comes out of its line as it went in", () => {
    const order = orderOf("täsk", '{"class":"ProduceBench","startMs":5,"durationMs":7}');
    expect(readChildOrder(childOrderLine(order))).toEqual(order);
  });

  test.each(["", "{}", "[]", "7", '{"id":1,"workload":{}}', '{"id":"a","workload":null}'])(
    "is not %p",
    async (line) => {
      await expect(run(line).exitCode).rejects.toThrow(/trogdor exec SPEC|not JSON/);
    },
  );
});

describe("a child", () => {
  test.each([
    ["a stop line", ({ say }: Input) => say('{"stop":"expired"}')],
    ["the end of its input", ({ close }: Input) => close()],
    ["SIGTERM", ({ terminate }: Input) => terminate()],
  ])("ends its worker on %s, and says so first", async (_, stop) => {
    const child = run(childOrderLine(orderOf("a")));
    await Promise.resolve();
    while (child.written.length < 2) await new Promise((resolve) => setImmediate(resolve));
    child.say("rubbish");
    child.say('{"stop":"never"}');
    stop(child);
    expect(await child.exitCode).toBe(0);
    expect(child.written).toEqual(whole);
  });

  test("tells the error of its worker and ends with 1", async () => {
    const spec = '{"class":"ExternalCommand","durationMs":1000,"command":["nothing"]}';
    const child = run(childOrderLine(orderOf("a", spec)));
    expect(await child.exitCode).toBe(1);
    const error =
      'Unable to start process: Cannot run program "nothing": error=2, No such file or directory';
    expect(JSON.parse(child.written.at(-1) ?? "")).toEqual({ error });
  });
});

describe("a child's reports", () => {
  test("replace each other while the agent is behind, and the last ones go out", () => {
    const written: string[] = [];
    const clock = createSimulatedClock();
    const write = (text: string) => written.push(text);
    const reports = childReports({ write, isBehind: () => true, clock });
    for (let count = 1; count <= 1000; count++) {
      reports.status({ count, large: 2n ** 60n });
      reports.histogram("service", `encoded ${count}`);
    }
    expect(written).toEqual([]);
    reports.close();
    expect(written).toEqual([
      '{"status":{"count":1000,"large":1152921504606846976}}\n',
      '{"histogram":{"name":"service","value":"encoded 1000"}}\n',
    ]);
  });

  test("carry log lines with their fields, behind the status that came before", () => {
    const written: string[] = [];
    const write = (text: string) => written.push(text);
    const reports = childReports({ write, isBehind: () => true, clock: createSimulatedClock() });
    reports.status("s");
    reports.log.warn("It happened", { big: 5n, error: new Error("no"), missing: undefined });
    expect(written).toEqual([
      '{"status":"s"}\n',
      '{"log":"It happened","level":"warn","fields":{"big":"5","error":"no"}}\n',
    ]);
  });
});
