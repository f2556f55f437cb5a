// The native consumer: the fetcher asks, the delivery hands over, the placement finds positions,
// a member of the group decides what is assigned; this file puts them together and owns the
// beginning and the end.

import type { ClientEnvironment, Consumer, KafkaError } from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";
import { noGroup } from "../../consumer-errors.ts";
import { deadlineIn } from "../../retry.ts";
import { batchCode } from "../batch-code/batch-code.ts";
import { createControl } from "../control.ts";
import { createAssignment } from "./assignment.ts";
import { createCodecs } from "./codecs.ts";
import { createDelivery } from "./delivery.ts";
import { createFetcher } from "./fetcher.ts";
import { createGroup, type Group } from "./group/group.ts";
import { createOffsetLookUp } from "./offset-look-up.ts";
import { createAskOffsets } from "./offsets.ts";
import { displace, place } from "./partition.ts";
import { createPlacement } from "./placement.ts";
import { createParcelWalk } from "./record-cursor.ts";
import { createTopicAbsence } from "./topic-absence.ts";
import { createTopics } from "./topics.ts";

export function createConsumer(conf: ConsumerConf, environment: ClientEnvironment): Consumer {
  const { clock } = environment;
  const control = createControl(conf, environment);
  const codecs = createCodecs();
  let fatalError: KafkaError | undefined;
  let lastError: KafkaError | undefined;
  let isClosed = false;
  let group: Group | undefined;

  function onError(error: KafkaError): void {
    if (isClosed) return;
    lastError = error;
    consumer.onError(error);
  }

  function onFatal(error: KafkaError): void {
    if (fatalError !== undefined || isClosed) return;
    fatalError = error;
    fetcher.close();
    placement.close();
    consumer.onError(error);
    consumer.onFatal(error);
  }

  const topics = createTopics(control, conf, environment, {
    onUpdate() {
      assignment.updateLeaders();
      absence.look();
      group?.onTopics();
      placement.wake();
      fetcher.wake();
    },
    onError,
  });
  const absence = createTopicAbsence(topics, conf, environment, onFatal);
  const assignment = createAssignment(topics);
  const delivery = createDelivery({
    walk: createParcelWalk({ checkCrcs: conf.checkCrcs, codecs, ...batchCode() }),
    codecs,
    recordsMax: conf.maxPollRecords,
    environment,
    onRecords(records) {
      lastError = undefined;
      return consumer.onRecords(records);
    },
    isCurrent: ({ owner, generation }) => assignment.isCurrent(owner, generation),
    onIdle: () => fetcher.wake(),
    onFatal,
  });
  const askOffsets = createAskOffsets(control, conf);
  const placement = createPlacement({
    conf,
    environment,
    askOffsets,
    partitions: () => assignment.partitions,
    committed: async (partitions, deadline) => (await group?.committed(partitions, deadline)) ?? [],
    onPlaced() {
      lastError = undefined;
      fetcher.wake();
    },
    onStale: topics.refreshSoon,
    onError,
    onFatal,
  });
  const fetcher = createFetcher({
    conf,
    environment,
    control,
    delivery,
    isPaused: () => delivery.isPaused || fatalError !== undefined,
    partitions: () => assignment.partitions,
    onStale: topics.refreshSoon,
    onLeader: (partition, leaderId, leaderEpoch) =>
      topics.hear(partition.name, partition.topicPartition, { leaderId, leaderEpoch }),
    onDisplaced(partition, error) {
      if (conf.offsetReset === "none") {
        onFatal(error);
        return;
      }
      onError(error);
      displace(partition, "reset");
      placement.wake();
    },
    onError,
    onFatal,
  });

  const lookUpOffsets = createOffsetLookUp({ control, conf, environment, askOffsets });

  function joinGroup(subscription: readonly string[] | undefined): void {
    if (conf.groupId === undefined) return;
    group = createGroup({
      conf,
      groupId: conf.groupId,
      environment,
      control,
      topics,
      assignment,
      delivery,
      subscription,
      onAssigned() {
        placement.wake();
        fetcher.wake();
      },
      onRebalance: (rebalance) => consumer.onRebalance(rebalance),
      onError,
      onFatal,
    });
  }

  const consumer: Consumer = {
    onRecords: () => {},
    onRebalance: () => {},
    onError: () => {},
    onFatal: () => {},
    async subscribe(names, signal) {
      if (conf.groupId === undefined) throw noGroup();
      const deadline = deadlineIn(clock, conf.defaultApiTimeoutMs, signal);
      topics.want(names);
      absence.watch(names);
      await topics.refresh(deadline);
      joinGroup(names);
      await group?.start(deadline);
    },
    async assign(topicPartitions, signal) {
      const deadline = deadlineIn(clock, conf.defaultApiTimeoutMs, signal);
      const names = [...new Set(topicPartitions.map(({ topic }) => topic))];
      topics.want(names);
      await topics.refreshUntilKnown(topicPartitions, deadline);
      absence.watch(names);
      joinGroup(undefined);
      await group?.start(deadline);
      assignment.add(topicPartitions);
      placement.wake();
    },
    progress: () =>
      assignment.partitions.map((partition) => ({
        topic: partition.name,
        topicPartition: partition.topicPartition,
        position: partition.isPlaced ? delivery.positionOf(partition) : undefined,
        endOffset: partition.endOffset,
      })),
    get lagRecords() {
      let lag = 0;
      for (const partition of assignment.partitions) {
        if (!partition.isPlaced || partition.endOffset === undefined) continue;
        lag += Math.max(0, partition.endOffset - delivery.positionOf(partition));
      }
      return lag;
    },
    pause() {
      delivery.isPaused = true;
    },
    resume() {
      delivery.isPaused = false;
      delivery.pump();
      fetcher.wake();
    },
    seek(topic, topicPartition, offset) {
      const partition = assignment.find(topic, topicPartition);
      if (partition === undefined) {
        throw new Error(`partition ${topicPartition} of topic "${topic}" is not assigned`);
      }
      place(partition, offset, -1);
      delivery.pump();
      fetcher.wake();
    },
    async offsets(topicPartitions, query, signal) {
      const deadline = deadlineIn(clock, conf.defaultApiTimeoutMs, signal);
      return await lookUpOffsets(topicPartitions, query, deadline);
    },
    async commit() {
      if (group === undefined) throw noGroup();
      await group.commit(deadlineIn(clock, conf.defaultApiTimeoutMs));
    },
    get membership() {
      return group?.membership;
    },
    get trouble() {
      if (fatalError !== undefined) return fatalError;
      const [problem] = topics.problems.values();
      const failing = assignment.partitions.find((each) => each.lastError !== undefined);
      return problem ?? failing?.lastError ?? lastError ?? group?.trouble;
    },
    get fatalError() {
      return fatalError;
    },
    async close(timeoutMs) {
      if (isClosed) return;
      const deadline = deadlineIn(clock, timeoutMs);
      const ended = new AbortController();
      const timeIsUp = clock.sleep(timeoutMs, ended.signal);
      delivery.isPaused = true;
      fetcher.close();
      placement.close();
      await Promise.race([delivery.hold(), timeIsUp]);
      await Promise.race([group?.close(deadline), timeIsUp]);
      ended.abort();
      isClosed = true;
      topics.close();
      control.close();
    },
  };
  return consumer;
}
