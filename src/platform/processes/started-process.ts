// One real process behind the ContainedProcess interface.

import { constants } from "node:os";
import type { GuardLink } from "./guard-link.ts";
import type { OutputReader } from "./output-pipe.ts";
import type { ContainedProcess, ProcessEnd, ProcessOrder } from "./processes.ts";
import { writeInput } from "./write-input.ts";

/** Its output goes to pipes of ours, or through the runtime. */
export type Child = Bun.Subprocess<"pipe", "pipe" | number, "pipe" | number>;

/** What the launcher ends with when the command cannot be run; commands may end so, too. */
const LAUNCH_FAILED = 127;
/** How long the launcher's own words may take after its end. */
const LAUNCH_WORDS_MS = 1000;

export interface Started {
  readonly child: Child;
  readonly output: OutputReader;
  readonly errors: OutputReader;
  readonly token: string;
  readonly order: ProcessOrder;
  readonly guard: GuardLink;
}

export function startedProcess(started: Started): ContainedProcess {
  const { child, output, errors, token, order, guard } = started;
  const prefix = `trogdor-launch ${token} `;
  // Read ahead, because how the process ended may stand in it.
  const firstErrors = errors.read();
  const launchWords = firstErrors.then((bytes) => wordsBehind(prefix, bytes));
  let hasReadErrors = false;
  let hasEnded = false;
  const ended = endOf(child, order, launchWords);
  void child.exited.then(() => {
    hasEnded = true;
  });
  return {
    pid: child.pid,
    ended,
    readOutput: output.read,
    async readErrors() {
      if (hasReadErrors) return errors.read();
      hasReadErrors = true;
      return (await launchWords) === undefined ? firstErrors : errors.read();
    },
    write: (text) => writeInput(child.stdin, text),
    terminate() {
      // Once it has ended its pid may be another's.
      if (hasEnded) return;
      signalGroup(child.pid);
    },
    end: (patienceMs, boundMs) => guard.end(token, patienceMs, boundMs),
    discardOutput() {
      output.discard();
      errors.discard();
    },
  };
}

export function notStarted(end: ProcessEnd): ContainedProcess {
  return {
    pid: undefined,
    ended: Promise.resolve(end),
    readOutput: () => Promise.resolve(undefined),
    readErrors: () => Promise.resolve(undefined),
    write() {},
    terminate() {},
    discardOutput() {},
    end: () => Promise.resolve({ killed: 0, left: 0, name: "" }),
  };
}

async function endOf(
  child: Child,
  order: ProcessOrder,
  launchWords: Promise<string | undefined>,
): Promise<ProcessEnd> {
  await child.exited;
  const { exitCode, signalCode } = child;
  if (signalCode !== null) {
    return { kind: "killed", signal: String(signalCode), code: 128 + signalNumber(signalCode) };
  }
  const code = exitCode ?? 0;
  if (code !== LAUNCH_FAILED) return { kind: "exited", code };
  const words = await Promise.race([launchWords, Bun.sleep(LAUNCH_WORDS_MS)]);
  if (typeof words !== "string") return { kind: "exited", code };
  return { kind: "notStarted", reason: `Cannot run program "${order.command[0]}": ${words}` };
}

/** What the launcher says when the command cannot be run; undefined for all that others write. */
function wordsBehind(prefix: string, bytes: Uint8Array | undefined): string | undefined {
  const words = new TextDecoder().decode(bytes ?? new Uint8Array());
  return words.startsWith(prefix) ? words.slice(prefix.length).trim() : undefined;
}

function signalGroup(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, "SIGTERM");
      return;
    } catch {
      // Not yet the leader of a group: the launcher itself, then.
    }
  }
}

/** Signals without a name of their own are numbers already. */
function signalNumber(name: string | number): number {
  if (typeof name === "number") return name;
  return (constants.signals as Readonly<Record<string, number>>)[name] ?? 0;
}
