// A mode host for tests: keeps what is written, gives the input it was made with, and sends stop
// signals when the test says so.

import type { ModeHost, Output, StopSignal } from "./mode-host.ts";

export interface RecordedHost extends ModeHost {
  readonly written: { out: string; err: string };
  /** The exit codes of `leaveAtOnce`. */
  readonly left: readonly number[];
  sendSignal(signal: StopSignal): void;
  crash(): void;
  readonly listenerCount: number;
}

export function recordedHost(env: ModeHost["env"] = {}): RecordedHost {
  const written = { out: "", err: "" };
  const left: number[] = [];
  const listeners = new Set<(signal: StopSignal) => void>();
  const crashListeners = new Set<() => void>();
  const output = (name: "out" | "err"): Output => ({
    write(text) {
      written[name] += text;
    },
    isBehind: false,
    isTerminal: false,
    columns: 80,
  });
  return {
    out: output("out"),
    err: output("err"),
    env,
    written,
    left,
    readInput: async () => new Uint8Array(),
    onStopSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onCrash(listener) {
      crashListeners.add(listener);
      return () => crashListeners.delete(listener);
    },
    crash() {
      for (const listener of crashListeners) listener();
    },
    leaveAtOnce: (exitCode) => left.push(exitCode),
    sendSignal(signal) {
      for (const listener of listeners) listener(signal);
    },
    get listenerCount() {
      return listeners.size;
    },
  };
}
