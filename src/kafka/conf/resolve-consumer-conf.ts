// A consumer's configuration from its Java names, with the rules that tie settings together as
// Kafka 4.1's ConsumerConfig and KafkaConsumer have them.

import { type ConfLayer, type ConfOptions, type ConfReader, readConf } from "./conf-reader.ts";
import { readConnection } from "./connection-conf.ts";
import { isoDurationMs } from "./iso-duration.ts";
import { assignorClasses } from "./keys/consumer-keys.ts";
import type { AssignorName, ConfResult, ConsumerConf, GroupProtocol } from "./types.ts";

/** Later layers win; `options.paths` names them in messages. Reads key stores; never rejects. */
export async function resolveConsumerConf(
  layers: readonly ConfLayer[],
  options: ConfOptions,
): Promise<ConfResult<ConsumerConf>> {
  const reader = readConf("consumer", layers, options);
  const groupId = readGroupId(reader);
  const groupProtocol = reader.text("group.protocol").toLowerCase() as GroupProtocol;
  const connection = await readConnection(
    reader,
    `consumer-${groupId ?? "null"}-1`,
    options.readFiles ?? true,
  );
  const conf: ConsumerConf = {
    ...connection,
    groupId,
    groupProtocol,
    groupInstanceId: readInstanceId(reader),
    remoteAssignor: reader.isSet("group.remote.assignor")
      ? reader.text("group.remote.assignor")
      : undefined,
    assignors: readAssignors(reader),
    sessionTimeoutMs: reader.number("session.timeout.ms"),
    heartbeatIntervalMs: reader.number("heartbeat.interval.ms"),
    maxPollIntervalMs: reader.number("max.poll.interval.ms"),
    maxPollRecords: reader.number("max.poll.records"),
    autoCommit: readAutoCommit(reader, groupId),
    autoCommitIntervalMs: reader.number("auto.commit.interval.ms"),
    offsetReset: readOffsetReset(reader),
    readCommitted: reader.text("isolation.level") === "read_committed",
    checkCrcs: reader.boolean("check.crcs"),
    fetchMinBytes: reader.number("fetch.min.bytes"),
    fetchMaxBytes: reader.number("fetch.max.bytes"),
    maxPartitionFetchBytes: reader.number("max.partition.fetch.bytes"),
    fetchMaxWaitMs: reader.number("fetch.max.wait.ms"),
    allowAutoCreateTopics: reader.boolean("allow.auto.create.topics"),
    clientRack: reader.text("client.rack"),
  };
  checkGroupProtocol(reader, groupProtocol);
  return {
    conf: reader.problems.length > 0 ? undefined : conf,
    problems: reader.problems,
    warnings: reader.warnings,
  };
}

function readGroupId(reader: ConfReader): string | undefined {
  if (!reader.isSet("group.id")) return undefined;
  const groupId = reader.text("group.id");
  if (groupId !== "") return groupId;
  reader.fail("group.id", "The configured group.id should not be an empty string or whitespace.");
  return undefined;
}

function readInstanceId(reader: ConfReader): string | undefined {
  const key = "group.instance.id";
  if (!reader.isSet(key)) return undefined;
  const id = reader.text(key);
  if (!reader.areGood(key) || /^[a-zA-Z0-9._-]{1,249}$/.test(id)) return id;
  reader.fail(
    key,
    `Group instance id is invalid: '${id}' contains one or more characters other than ASCII ` +
      "alphanumerics, '.', '_' and '-', or is longer than 249 characters",
  );
  return undefined;
}

function readAssignors(reader: ConfReader): readonly AssignorName[] {
  const key = "partition.assignment.strategy";
  const names: AssignorName[] = [];
  const classes = reader.list(key);
  if (classes.length === 0) {
    reader.fail(
      key,
      "Must configure at least one partition assigner class name to " +
        "partition.assignment.strategy configuration property",
    );
  }
  for (const name of classes) {
    const assignor = assignorClasses[name as keyof typeof assignorClasses] as
      | AssignorName
      | undefined;
    if (assignor !== undefined) names.push(assignor);
    else {
      const supported = Object.keys(assignorClasses).join(", ");
      reader.fail(key, `${name} is not supported: use one or more of ${supported}`);
    }
  }
  return [...new Set(names)];
}

/** The default, true, gives way when there is no group; one that was asked for does not. */
function readAutoCommit(reader: ConfReader, groupId: string | undefined): boolean {
  const key = "enable.auto.commit";
  const isOn = reader.boolean(key);
  if (groupId !== undefined || reader.isSet("group.id")) return isOn;
  if (isOn && reader.isSet(key) && reader.areGood(key)) {
    reader.fail(
      key,
      "enable.auto.commit cannot be set to true when default group id (null) is used.",
    );
  }
  return false;
}

function readOffsetReset(reader: ConfReader): ConsumerConf["offsetReset"] {
  const key = "auto.offset.reset";
  const text = reader.text(key);
  if (text === "earliest" || text === "latest" || text === "none") return text;
  const duration = /^by_duration:(.*)$/.exec(text)?.[1];
  const byDurationMs = duration === undefined ? undefined : isoDurationMs(duration);
  if (byDurationMs !== undefined) return { byDurationMs };
  reader.fail(
    key,
    `Invalid value \`${text}\` for configuration auto.offset.reset. The value must be either ` +
      "'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.",
  );
  return "latest";
}

/** Settings of the other protocol contradict; a heartbeat must come before the session ends. */
function checkGroupProtocol(reader: ConfReader, protocol: GroupProtocol): void {
  if (!reader.areGood("group.protocol")) return;
  const foreign =
    protocol === "consumer"
      ? ["partition.assignment.strategy", "heartbeat.interval.ms", "session.timeout.ms"]
      : ["group.remote.assignor"];
  for (const name of foreign) {
    if (!reader.isSet(name)) continue;
    reader.fail(name, `${name} cannot be set when group.protocol=${protocol.toUpperCase()}`);
  }
  const [heartbeat, session] = ["heartbeat.interval.ms", "session.timeout.ms"] as const;
  if (protocol !== "classic" || !reader.areGood(heartbeat, session)) return;
  if (reader.number(heartbeat) < reader.number(session)) return;
  reader.fail(
    reader.isSet(heartbeat) ? heartbeat : session,
    "Heartbeat must be set lower than the session timeout " +
      `(${reader.number(heartbeat)} is not below ${reader.number(session)})`,
  );
}
