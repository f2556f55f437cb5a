// This process's side of the guard (native/guard/): starts it, tells it which workers there are,
// asks it to end them. Whoever kills the guard gets another one, which is told everything again.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Log } from "../log/log.ts";
import type { Remains } from "./processes.ts";
import { writeInput } from "./write-input.ts";

export interface GuardLink {
  /** A worker is about to be started. */
  announce(token: string, cgroup: string | undefined): void;
  started(token: string, pid: number, startTime: string): void;
  /** Ends all that belongs to the worker, and forgets it when nothing is left. */
  end(token: string, patienceMs: number, boundMs: number): Promise<Remains>;
  /**
   * A fault that ends at `endUs` of the boot clock: when it is over and not forgotten a little
   * later, the guard runs the clean-up command beside this process, which hangs. Throws when there
   * is no guard.
   */
  watchFault(id: string, endUs: number): void;
  forgetFault(id: string): void;
  /**
   * Ends the guard in good order, and with it all workers that are left. With a fault that was not
   * forgotten it stays: it ends with this process, after a clean-up.
   */
  close(): Promise<void>;
}

export interface GuardOptions {
  readonly program: string;
  readonly cgroup: string | undefined;
  /** What the guard runs when this process is gone without a word. */
  readonly cleanUpCommand: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** A guard that dies this often is being killed on purpose. */
const STARTS_MAX = 100;
const START_AGAIN_MS = 1000;
/** How much longer than its own bound the guard may take to answer. */
const ANSWER_SLACK_MS = 3000;

/** The guard's own bound for a last kill is 10 s. */
const CLOSE_BOUND_MS = 12_000;

interface KnownWorker {
  readonly announcement: string;
  startLine: string;
  endLine: string;
  readonly waiting: Set<(remains: Remains) => void>;
}

type GuardProcess = Bun.Subprocess<"pipe", "pipe", "ignore">;

export function linkGuard(options: GuardOptions): GuardLink {
  const workers = new Map<string, KnownWorker>();
  const faultLines = new Map<string, string>();
  let current: GuardProcess | undefined;
  let starts = 0;
  let isClosed = false;

  function start(): void {
    if (starts >= STARTS_MAX) throw new Error(`it was killed ${STARTS_MAX} times`);
    const guard = spawnGuard(options);
    starts += 1;
    current = guard;
    for (const worker of workers.values()) {
      say(worker.announcement + worker.startLine + worker.endLine);
    }
    for (const line of faultLines.values()) say(line);
    void readAnswers(guard, (line) => settle(workers, line)).catch(() => {});
    void guard.exited.then(() => {
      if (isClosed || current !== guard) return;
      current = undefined;
      startAgain();
    });
  }

  function startAgain(): void {
    try {
      start();
      options.log.warn("The guard of the workers ended and was started again", { starts });
    } catch (error) {
      options.log.error("The guard of the workers ended and cannot be started", { error });
      // What is in force, or at work, is not to stay without one.
      if (starts < STARTS_MAX) setTimeout(startUnlessThere, START_AGAIN_MS).unref();
    }
  }

  function startUnlessThere(): void {
    if (!isClosed && current === undefined) startAgain();
  }

  /** Should it be dead already, its successor is told everything again. */
  function say(lines: string): void {
    if (lines !== "" && current !== undefined) writeInput(current.stdin, lines);
  }

  start();
  return {
    announce(token, cgroup) {
      startUnlessThere();
      const announcement = `worker ${token} ${cgroup ?? "-"}\n`;
      workers.set(token, { announcement, startLine: "", endLine: "", waiting: new Set() });
      say(announcement);
    },
    started(token, pid, startTime) {
      const worker = workers.get(token);
      if (worker === undefined) return;
      worker.startLine = `pid ${token} ${pid} ${startTime}\n`;
      say(worker.startLine);
    },
    end(token, patienceMs, boundMs) {
      const worker = workers.get(token);
      if (worker === undefined) return Promise.resolve({ killed: 0, left: 0, name: "" });
      worker.endLine = `end ${token} ${patienceMs} ${boundMs}\n`;
      say(worker.endLine);
      return new Promise((resolve) => {
        const done = (remains: Remains) => {
          clearTimeout(timer);
          worker.waiting.delete(done);
          resolve(remains);
        };
        const silent = () => done({ killed: 0, left: 1, name: "the guard did not answer" });
        const timer = setTimeout(silent, boundMs + ANSWER_SLACK_MS);
        worker.waiting.add(done);
      });
    },
    watchFault(id, endUs) {
      startUnlessThere();
      if (current === undefined) {
        throw new TrogdorError("task", "faults need a guard, and none can be started");
      }
      const token = faultToken(id);
      const line = `fault ${token} ${Math.round(endUs)}\n`;
      faultLines.set(token, line);
      say(line);
    },
    forgetFault(id) {
      const token = faultToken(id);
      if (faultLines.delete(token)) say(`fault-done ${token}\n`);
    },
    async close() {
      isClosed = true;
      // Somebody has to go on with what is still in force: the guard, when this process has ended.
      if (faultLines.size > 0) return;
      say("bye\n");
      await Promise.race([current?.exited, Bun.sleep(CLOSE_BOUND_MS)]);
    },
  };
}

/** Ids hold any characters, tokens no blanks. */
function faultToken(id: string): string {
  return Bun.hash(id).toString(16);
}

function spawnGuard({ program, cgroup, cleanUpCommand, environment }: GuardOptions): GuardProcess {
  const own = cgroup === undefined ? [] : ["--cgroup", cgroup];
  return Bun.spawn([program, "guard", ...own, "--", ...cleanUpCommand], {
    argv0: "trogdor-guard",
    cwd: "/",
    env: { ...environment },
    stdio: ["pipe", "pipe", "ignore"],
  });
}

/** `gone TOKEN COUNT NAME` and `left TOKEN COUNT NAME`; a name may hold blanks. */
function settle(workers: Map<string, KnownWorker>, line: string): void {
  const [verb, token = "", countText = "", ...nameWords] = line.split(" ");
  const worker = workers.get(token);
  if (worker === undefined || (verb !== "gone" && verb !== "left")) return;
  const count = Number(countText);
  const name = count === 0 ? "" : nameWords.join(" ");
  const remains =
    verb === "gone" ? { killed: count, left: 0, name } : { killed: 0, left: count, name };
  worker.endLine = "";
  if (verb === "gone") workers.delete(token);
  for (const done of [...worker.waiting]) done(remains);
}

async function readAnswers(guard: GuardProcess, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of guard.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
}
