// Talks to a worker in a process of its own, ours or a foreign one: one line of JSON into its
// input, then lines of JSON from its output until it has ended and nothing of it is left. How the
// end is told to people is up to the caller.

import type { Clock } from "../../../platform/clock/clock.ts";
import type {
  ContainedProcess,
  ProcessEnd,
  Remains,
} from "../../../platform/processes/processes.ts";
import type { JsonObject, JsonValue } from "../../../spec/json.ts";
import type { StatusJson } from "../../define-task.ts";
import { messageText, readMessage, statusValue } from "./message.ts";
import { type OutputLimits, readLines } from "./output-lines.ts";

export interface Dialogue {
  readonly process: ContainedProcess;
  readonly clock: Clock;
  readonly limits: OutputLimits;
  readonly bounds: EndBounds;
  /** Written at once; without its line end. */
  readonly firstLine: string;
  status(status: StatusJson): void;
  log(text: string, message: JsonObject): void;
  /** The process asks to be ended with this error; the first one counts. */
  failed(error: string): void;
  /** A line of its standard error. */
  errorLine(text: string): void;
  /** All members of a message, behind those that have a call of their own. */
  message(message: JsonObject): void;
  tooLong(): void;
}

export interface EndBounds {
  /** How long what the process started may go on after its end. */
  readonly leftoverPatienceMs: number;
  /** How long killing may take. */
  readonly killMs: number;
  /** How long the rest of the output may take. */
  readonly drainMs: number;
}

export const endBounds: EndBounds = { leftoverPatienceMs: 1000, killMs: 5000, drainMs: 1000 };

export interface ConversationEnd {
  /** Undefined when it could not be killed within the bound. */
  readonly end: ProcessEnd | undefined;
  readonly remains: Remains;
  /** It had to be killed because it did not end in time. */
  readonly wasKilled: boolean;
}

export interface Conversation {
  /** Never rejects; nothing is told after it. */
  readonly ended: Promise<ConversationEnd>;
  /** Kills everything unless the process has ended by itself after `graceMs`. Less grace wins. */
  endWithin(graceMs: number): void;
}

/** Statuses that follow each other more quickly are told as their last one. */
const STATUS_INTERVAL_MS = 100;

export function converse(dialogue: Dialogue): Conversation {
  const { process, clock, bounds } = dialogue;
  const exited = new AbortController();
  const killed = Promise.withResolvers<Remains>();
  let killing: Promise<void> | undefined;
  let wasKilled = false;
  process.write(`${dialogue.firstLine}\n`);
  const statuses = statusRelay(dialogue);
  const reading = Promise.all([
    readLines({
      ...lineOptions(dialogue, exited.signal),
      read: () => process.readOutput(),
      line: (text) => hear(text, dialogue, statuses.take),
    }),
    readLines({
      ...lineOptions(dialogue, exited.signal),
      read: () => process.readErrors(),
      line: dialogue.errorLine,
    }),
  ]);

  const kill = (): Promise<void> => {
    if (exited.signal.aborted) return Promise.resolve();
    wasKilled = true;
    killing ??= process.end(0, bounds.killMs).then((remains) => {
      // The kernel may be a moment later with the news than the guard.
      void clock.sleep(bounds.drainMs, exited.signal).then(() => killed.resolve(remains));
    });
    return killing;
  };

  const finish = async (): Promise<ConversationEnd> => {
    const end = await Promise.race([process.ended, killed.promise.then(() => undefined)]);
    exited.abort();
    await killing;
    const patienceMs = wasKilled ? 0 : bounds.leftoverPatienceMs;
    const remains = await process.end(patienceMs, patienceMs + bounds.killMs);
    await Promise.race([reading, clock.sleep(bounds.drainMs)]);
    process.discardOutput();
    statuses.close();
    return { end, remains, wasKilled };
  };

  return {
    ended: finish(),
    endWithin(graceMs) {
      void clock.sleep(graceMs, exited.signal).then(kill);
    },
  };
}

function lineOptions({ clock, limits, tooLong }: Dialogue, hasEnded: AbortSignal) {
  return { clock, limits, hasEnded, tooLong };
}

/** In the reference's order: status, log, error. */
function hear(line: string, dialogue: Dialogue, takeStatus: (status: StatusJson) => void): void {
  const message = readMessage(line);
  if (message === undefined) return;
  const member = (name: string): JsonValue | undefined => message[name];
  const status = member("status");
  const log = member("log");
  const error = member("error");
  if (status !== undefined) takeStatus(statusValue(status));
  if (log !== undefined) dialogue.log(messageText(log), message);
  dialogue.message(message);
  if (error !== undefined) dialogue.failed(messageText(error));
}

/** The first status at once, the last one always, those between at most ten times a second. */
function statusRelay({ clock, status }: Dialogue) {
  const closed = new AbortController();
  let waiting: { readonly status: StatusJson } | undefined;
  let isResting = false;
  const flush = () => {
    const next = waiting;
    waiting = undefined;
    if (next !== undefined) status(next.status);
    return next !== undefined;
  };
  const rest = async () => {
    isResting = true;
    do await clock.sleep(STATUS_INTERVAL_MS, closed.signal);
    while (!closed.signal.aborted && flush());
    isResting = false;
  };
  return {
    take(next: StatusJson) {
      if (closed.signal.aborted) return;
      waiting = { status: next };
      if (isResting) return;
      flush();
      void rest();
    },
    close() {
      flush();
      closed.abort();
    },
  };
}
