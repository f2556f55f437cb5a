// The mode host of the real process. Output is queued by the runtime and never blocks the event
// loop, so a stalled terminal cannot disturb a running load; `drained` waits for the queue at the
// end. A reader that went away silences that output and nothing else.

import { TrogdorError } from "../core/trogdor-error.ts";
import type { ModeHost, Output, StopSignal } from "./mode-host.ts";

export interface ProcessHost extends ModeHost {
  /** Tells those who wait for a crash. */
  crashed(): void;
  /** Resolves when everything written has left, or its reader is gone. */
  drained(): Promise<void>;
}

interface QueuedOutput extends Output {
  drained(): Promise<void>;
}

/** `leave` ends the process; only main.ts has it. */
export function processHost(leave: (exitCode: number) => void): ProcessHost {
  const out = queuedOutput(process.stdout);
  const err = queuedOutput(process.stderr);
  const crashListeners = new Set<() => void>();
  return {
    out,
    err,
    env: process.env,
    readInput,
    onStopSignal(listener) {
      const signals: StopSignal[] = ["SIGINT", "SIGTERM"];
      const handlers = signals.map((signal) => ({ signal, handler: () => listener(signal) }));
      for (const { signal, handler } of handlers) process.on(signal, handler);
      return () => {
        for (const { signal, handler } of handlers) process.off(signal, handler);
      };
    },
    onCrash(listener) {
      crashListeners.add(listener);
      return () => crashListeners.delete(listener);
    },
    crashed() {
      for (const listener of crashListeners) listener();
    },
    leaveAtOnce: leave,
    async drained() {
      await out.drained();
      await err.drained();
    },
  };
}

function queuedOutput(stream: NodeJS.WriteStream): QueuedOutput {
  let pending = 0;
  let isGone = false;
  let wake: () => void = () => {};
  const settle = () => {
    if (pending === 0 || isGone) wake();
  };
  stream.on("error", () => {
    isGone = true;
    settle();
  });
  return {
    write(text) {
      if (isGone || text === "") return;
      pending += 1;
      stream.write(text, () => {
        pending -= 1;
        settle();
      });
    },
    get isBehind() {
      return pending > 0;
    },
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 80;
    },
    drained() {
      return new Promise((resolve) => {
        wake = resolve;
        settle();
      });
    },
  };
}

async function readInput(sizeBytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of process.stdin) {
    const bytes = chunk as Uint8Array;
    sizeBytes += bytes.length;
    if (sizeBytes > sizeBytesMax) {
      throw new TrogdorError("spec", `Standard input is longer than ${sizeBytesMax} bytes`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
