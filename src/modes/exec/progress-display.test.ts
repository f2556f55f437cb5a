// Where the progress line goes, and how often.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "../../platform/clock/simulated-clock.ts";
import { progressDisplay } from "./progress-display.ts";

interface Screen {
  readonly written: string[];
  isBehind: boolean;
}

async function shown(
  screen: Screen & { readonly isTerminal: boolean; readonly columns: number },
  forMs: number,
  isQuiet = false,
): Promise<string[]> {
  const clock = createSimulatedClock();
  const output = { ...screen, write: (text: string) => screen.written.push(text) };
  Object.defineProperty(output, "isBehind", { get: () => screen.isBehind });
  const display = progressDisplay(output, clock, isQuiet);
  const ended = new AbortController();
  const moment = () => {
    const elapsedMs = clock.nowUs() / 1000;
    const progress = { done: elapsedMs, total: 100_000 };
    return { progress, elapsedMs, remainingMs: 60_000, isStopping: false };
  };
  const running = display.run(moment, ended.signal);
  await clock.sleep(forMs);
  ended.abort();
  await running;
  display.clear();
  return screen.written;
}

const screen = (isTerminal: boolean) => ({
  written: [],
  isBehind: false,
  isTerminal,
  columns: 30,
});

describe("progress", () => {
  test("on a terminal is one line, redrawn within the width, then removed", async () => {
    const written = await shown(screen(true), 1100);
    expect(written).toHaveLength(5);
    expect(written[3]).toBe("\r1.0s  1,000/100k (1%)\u001b[K");
    expect(written[4]).toBe("\r\u001b[2K");
  });

  test("off a terminal is one line every five seconds", async () => {
    expect(await shown(screen(false), 11_000)).toEqual([
      "5.0s  5,000/100k (5%)  ETA 1m00s\n",
      "10s  10k/100k (10%)  ETA 1m00s\n",
    ]);
  });

  test("is left out while the reader is behind", async () => {
    expect(await shown({ ...screen(true), isBehind: true }, 1100)).toEqual([]);
  });

  test("is silent when nobody wants it", async () => {
    expect(await shown(screen(true), 1100, true)).toEqual([]);
  });

  test("makes room for a whole line and comes back below it", () => {
    const written: string[] = [];
    const output = { ...screen(true), write: (text: string) => written.push(text) };
    progressDisplay(output, createSimulatedClock(), false).writeLine("hello");
    expect(written).toEqual(["hello\n"]);
  });
});
