// Which brokers of a cluster a target means: pure, but for the dice.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { ClusterView } from "../../kafka/native/cluster-view.ts";
import type { KafkaTarget } from "./kafka-target.ts";

export interface ChosenBrokers {
  readonly brokers: readonly number[];
  readonly others: readonly number[];
}

/** `random` answers a number from 0 up to, and without, 1. */
export function chooseBrokers(
  target: KafkaTarget,
  view: ClusterView,
  random: () => number,
): ChosenBrokers {
  const all = view.brokers.map((broker) => broker.id);
  const brokers = selected(target, view, all, random);
  const from = { all, replicas: view.replicas ?? [], controllers: view.controllers ?? [] };
  const others = from[target.others].filter((id) => !brokers.includes(id));
  return { brokers, others: others.toSorted((a, b) => a - b) };
}

function selected(
  { who }: KafkaTarget,
  view: ClusterView,
  all: readonly number[],
  random: () => number,
): number[] {
  switch (who) {
    case "activeController":
      return [found(view.activeController, "the active controller")];
    case "leader":
      return [found(view.leader, "the leader")];
    case "groupCoordinator":
      return [found(view.groupCoordinator, "the group's coordinator")];
    case "randomBroker":
      return some(all, 1, random);
    case "minority":
      return some(all, Math.floor((all.length - 1) / 2), random);
    case "majority":
      return some(all, Math.floor(all.length / 2) + 1, random);
  }
}

function found(id: number | undefined, what: string): number {
  if (id !== undefined && id >= 0) return id;
  throw new TrogdorError("task", `kafkaTarget: the cluster has not told ${what}`);
}

function some(all: readonly number[], count: number, random: () => number): number[] {
  if (count < 1) {
    const message = `kafkaTarget: a cluster of ${all.length} has no such brokers`;
    throw new TrogdorError("task", message);
  }
  const left = [...all];
  const taken: number[] = [];
  while (taken.length < count) {
    taken.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return taken.sort((a, b) => a - b);
}
