// Settings that a member of a share group cannot have, as Kafka's share consumer refuses them.

import type { Problem } from "../../core/trogdor-error.ts";
import type { ConfMap } from "./conf-layers.ts";

const refusedKeys = [
  "auto.offset.reset",
  "enable.auto.commit",
  "group.instance.id",
  "isolation.level",
  "partition.assignment.strategy",
  "interceptor.classes",
  "session.timeout.ms",
  "heartbeat.interval.ms",
  "group.protocol",
  "group.remote.assignor",
];

/** In the client's words; maps by the name of their field. */
export function shareKeyProblems(maps: Readonly<Record<string, ConfMap>>): Problem[] {
  return Object.entries(maps).flatMap(([field, map]) =>
    refusedKeys
      .filter((key) => map.has(key))
      .map((key) => ({
        path: `${field}.${key}`,
        message: `${key} cannot be set when using a share group.`,
      })),
  );
}
