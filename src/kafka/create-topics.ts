// Creates the topics that a workload needs and checks the ones that exist already, as the
// reference's WorkerUtils does and with its texts, but with pauses between the tries and without
// minutes of silence when no broker can be reached.

import { TrogdorError } from "../core/trogdor-error.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { Log } from "../platform/log/log.ts";
import { type Admin, KafkaError, type NewTopic, type TopicDescription } from "./client.ts";

/** Names in one request. */
export const TOPICS_PER_REQUEST = 10;
/** From the first try on, timed-out topics are tried again for this long. */
export const CREATE_RETRY_MS = 180_000;
export const RETRY_PAUSE_MS_MIN = 250;
export const RETRY_PAUSE_MS_MAX = 5_000;
/** A topic that was just created may not be known to every broker yet. */
export const DESCRIBE_TRIES = 3;
export const DESCRIBE_PAUSE_MS = 2_500;

export interface TopicCreation {
  readonly admin: Admin;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** How long to look for a broker that answers at all: the admin client's request.timeout.ms. */
  readonly requestTimeoutMs: number;
  /** Called with every error that is not the end: what to name when time runs out. */
  onTrouble?(error: KafkaError): void;
}

/** Resolves when every topic exists and has the wanted number of partitions, or on abort. */
export async function createTopics(
  topics: readonly NewTopic[],
  creation: TopicCreation,
): Promise<void> {
  const existing = await createMissing(topics, creation);
  const comparable = existing.filter((topic) => topic.assignments.size === 0);
  if (comparable.length > 0 && !creation.signal.aborted) await verify(comparable, creation);
}

/** Answers the topics that existed before. */
async function createMissing(
  topics: readonly NewTopic[],
  creation: TopicCreation,
): Promise<NewTopic[]> {
  const { clock, log, signal } = creation;
  const startUs = clock.nowUs();
  const existing: NewTopic[] = [];
  let missing = topics;
  for (let attempt = 1; missing.length > 0 && !signal.aborted; attempt++) {
    const round = await tryOnce(missing, creation, startUs);
    existing.push(...round.existing);
    missing = round.timedOut;
    if (missing.length === 0) break;
    const names = missing.map((topic) => topic.name);
    const pauseMs = Math.min(RETRY_PAUSE_MS_MIN * 2 ** (attempt - 1), RETRY_PAUSE_MS_MAX);
    if (clock.nowUs() - startUs + pauseMs * 1000 >= CREATE_RETRY_MS * 1000) {
      // The missing blank is the reference's; scripts look for this text.
      const text = `Unable to create topic(s): ${names.join(", ")}after ${attempt} attempt(s)`;
      throw new TrogdorError("task", round.cause === undefined ? text : `${text}: ${round.cause}`);
    }
    log.warn("topic creation timed out, trying again", { topics: names, attempt, pauseMs });
    await clock.sleep(pauseMs, signal);
  }
  return existing;
}

interface CreationRound {
  readonly existing: NewTopic[];
  readonly timedOut: NewTopic[];
  readonly cause: string | undefined;
}

/** One try for every topic, all requests at once. */
async function tryOnce(
  topics: readonly NewTopic[],
  creation: TopicCreation,
  startUs: number,
): Promise<CreationRound> {
  const requests = inBatches(topics).map((batch) => request(batch, creation, startUs));
  const answers = new Map((await Promise.all(requests)).flatMap((answer) => [...answer]));
  const existing: NewTopic[] = [];
  const timedOut: NewTopic[] = [];
  let cause: string | undefined;
  for (const topic of topics) {
    const error = answers.get(topic.name);
    if (error === undefined) continue;
    if (error.code === "TOPIC_ALREADY_EXISTS") {
      existing.push(topic);
    } else if (error.retriable || error.code === "NOT_ENOUGH_REPLICAS") {
      timedOut.push(topic);
      cause ??= error.message;
      creation.onTrouble?.(error);
    } else {
      throw new TrogdorError("task", `${error.message} (creating topic ${topic.name})`, {
        cause: error,
      });
    }
  }
  return { existing, timedOut, cause };
}

/**
 * The answers for up to ten topics. A client that gives up early on a broker which cannot be
 * reached is asked again until half of requestTimeoutMs is over; what cannot get better fails at
 * once.
 */
async function request(
  batch: readonly NewTopic[],
  creation: TopicCreation,
  startUs: number,
): Promise<Map<string, KafkaError | undefined>> {
  const { admin, clock, signal, log, requestTimeoutMs } = creation;
  for (let pauseMs = RETRY_PAUSE_MS_MIN; ; pauseMs = Math.min(pauseMs * 2, RETRY_PAUSE_MS_MAX)) {
    try {
      return await admin.createTopics(batch, signal);
    } catch (error) {
      if (error instanceof KafkaError && error.code !== "INTERRUPTED") creation.onTrouble?.(error);
      if (signal.aborted) return new Map();
      // A client that looked for a broker itself has used up its time by now.
      const isOver = clock.nowUs() - startUs >= requestTimeoutMs * 500;
      if (!(error instanceof KafkaError) || !error.retriable || isOver) throw failed(error);
      log.warn("no broker answered, trying again", { cause: error.message, pauseMs });
      await clock.sleep(pauseMs, signal);
      if (signal.aborted) return new Map();
    }
  }
}

async function verify(topics: readonly NewTopic[], creation: TopicCreation): Promise<void> {
  const { clock, signal } = creation;
  const names = topics.map((topic) => topic.name);
  for (let attempt = 1; ; attempt++) {
    const descriptions = await describeOnce(names, creation);
    if (descriptions === undefined) return;
    const unknown = [...descriptions.values()].some(isUnknownTopic);
    if (!unknown || attempt === DESCRIBE_TRIES) {
      for (const topic of topics) compare(topic, descriptions.get(topic.name));
      return;
    }
    await clock.sleep(DESCRIBE_PAUSE_MS, signal);
    if (signal.aborted) return;
  }
}

/** Undefined when the task was stopped. */
async function describeOnce(
  names: readonly string[],
  { admin, signal }: TopicCreation,
): Promise<Map<string, TopicDescription | KafkaError> | undefined> {
  try {
    return await admin.describeTopics(names, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw failed(error);
  }
}

function compare(topic: NewTopic, description: TopicDescription | KafkaError | undefined): void {
  if (description === undefined) {
    throw new TrogdorError("task", `no broker described topic ${topic.name}`);
  }
  if (description instanceof KafkaError) {
    throw new TrogdorError("task", `${description.message} (describing topic ${topic.name})`, {
      cause: description,
    });
  }
  const found = description.partitions.length;
  if (found === topic.numPartitions) return;
  // Two blanks before "number", as in the reference.
  throw new TrogdorError(
    "task",
    `Topic '${topic.name}' exists, but has ${found} partitions, ` +
      `while requested  number of partitions is ${topic.numPartitions}`,
  );
}

function isUnknownTopic(description: TopicDescription | KafkaError): boolean {
  return description instanceof KafkaError && description.code === "UNKNOWN_TOPIC_OR_PARTITION";
}

function failed(error: unknown): unknown {
  if (!(error instanceof KafkaError)) return error;
  const text = error.retriable ? `no broker could be reached: ${error.message}` : error.message;
  return new TrogdorError("task", text, { cause: error });
}

function inBatches(topics: readonly NewTopic[]): NewTopic[][] {
  const batches: NewTopic[][] = [];
  for (let start = 0; start < topics.length; start += TOPICS_PER_REQUEST) {
    batches.push(topics.slice(start, start + TOPICS_PER_REQUEST));
  }
  return batches;
}
