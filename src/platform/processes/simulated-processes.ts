// Processes that are functions: for tests in simulated time, and for the simulator. A program reads
// lines, writes lines, exits, and hears of SIGTERM; SIGKILL needs nothing of it.

import type {
  ContainedProcess,
  ProcessEnd,
  Processes,
  ProcessOrder,
  Remains,
} from "./processes.ts";

export interface SimulatedIo {
  readonly order: ProcessOrder;
  /** The next line of its input; undefined once it has ended. */
  readLine(): Promise<string | undefined>;
  write(text: string): void;
  writeError(text: string): void;
  exit(code: number): void;
  /** Ends it as a signal from outside would. */
  crash(signal: string): void;
  /** Without a listener SIGTERM ends it. */
  onTerminate(listener: () => void): void;
  /** It has ended, in whatever way. */
  readonly hasEnded: boolean;
  /** Processes that it leaves behind: this many must be killed when it has ended. */
  leaveBehind(count: number): void;
}

export type SimulatedProgram = (io: SimulatedIo) => void | Promise<void>;

export interface SimulatedProcesses extends Processes {
  /** Those that have not ended, or have left something behind. */
  readonly runningCount: number;
}

const SIGNAL_CODES: Readonly<Record<string, number>> = { SIGKILL: 137, SIGSEGV: 139, SIGTERM: 143 };

/** `find` answers the program behind a command, or undefined when there is none. */
export function simulatedProcesses(
  find: (command: readonly string[]) => SimulatedProgram | undefined,
): SimulatedProcesses {
  const running = new Set<ContainedProcess>();
  let lastPid = 1000;
  return {
    get runningCount() {
      return running.size;
    },
    start(order) {
      const program = find(order.command);
      if (program === undefined) return missing(order);
      lastPid += 1;
      const process = simulate(order, program, lastPid, () => running.delete(process));
      running.add(process);
      return process;
    },
    async close() {
      await Promise.all([...running].map((process) => process.end(0, 0)));
    },
  };
}

function missing(order: ProcessOrder): ContainedProcess {
  const why = "error=2, No such file or directory";
  const reason = `Cannot run program "${order.command[0]}": ${why}`;
  return {
    pid: undefined,
    ended: Promise.resolve({ kind: "notStarted", reason }),
    readOutput: () => Promise.resolve(undefined),
    readErrors: () => Promise.resolve(undefined),
    write() {},
    terminate() {},
    end: () => Promise.resolve({ killed: 0, left: 0, name: "" }),
    discardOutput() {},
  };
}

function simulate(
  order: ProcessOrder,
  program: SimulatedProgram,
  pid: number,
  forget: () => void,
): ContainedProcess {
  const output = createPipe();
  const errors = createPipe();
  const input = createPipe();
  const inputLines = createLineReader(input);
  const ended = Promise.withResolvers<ProcessEnd>();
  const listeners: (() => void)[] = [];
  let hasEnded = false;
  let leftBehind = 0;
  const finish = (end: ProcessEnd) => {
    if (hasEnded) return;
    hasEnded = true;
    for (const pipe of [output, errors, input]) pipe.close();
    ended.resolve(end);
  };
  const crash = (signal: string) =>
    finish({ kind: "killed", signal, code: SIGNAL_CODES[signal] ?? 128 });
  const started = program({
    order,
    readLine: inputLines,
    write: output.write,
    writeError: errors.write,
    exit: (code) => finish({ kind: "exited", code }),
    crash,
    onTerminate: (listener) => listeners.push(listener),
    get hasEnded() {
      return hasEnded;
    },
    leaveBehind(count) {
      leftBehind = count;
    },
  });
  void Promise.resolve(started).catch(() => crash("SIGSEGV"));
  return {
    pid,
    ended: ended.promise,
    readOutput: output.read,
    readErrors: errors.read,
    write: input.write,
    terminate() {
      if (hasEnded) return;
      if (listeners.length === 0) crash("SIGTERM");
      for (const listener of listeners) listener();
    },
    async end(): Promise<Remains> {
      const killed = (hasEnded ? 0 : 1) + leftBehind;
      leftBehind = 0;
      crash("SIGKILL");
      forget();
      return { killed, left: 0, name: killed === 0 ? "" : "simulated" };
    },
    discardOutput() {},
  };
}

interface Pipe {
  write(text: string): void;
  close(): void;
  read(): Promise<Uint8Array | undefined>;
}

function createPipe(): Pipe {
  const chunks: Uint8Array[] = [];
  let isClosed = false;
  let wake: () => void = () => {};
  return {
    write(text) {
      if (isClosed || text === "") return;
      chunks.push(new TextEncoder().encode(text));
      wake();
    },
    close() {
      isClosed = true;
      wake();
    },
    async read() {
      while (chunks.length === 0 && !isClosed) {
        const woken = Promise.withResolvers<void>();
        wake = woken.resolve;
        await woken.promise;
      }
      return chunks.shift();
    },
  };
}

function createLineReader(pipe: Pipe): () => Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  return async () => {
    for (;;) {
      const end = text.indexOf("\n");
      if (end >= 0) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        return line;
      }
      const chunk = await pipe.read();
      if (chunk === undefined) return undefined;
      text += decoder.decode(chunk, { stream: true });
    }
  };
}
