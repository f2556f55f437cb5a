// The configuration layers of RoundTripWorkload's clients.

import { type ConfLayers, confLayers, withFinal } from "../../client-confs/conf-layers.ts";
import type { RoundTripSpec } from "./spec.ts";

export interface RoundTripLayers {
  readonly admin: ConfLayers;
  readonly producer: ConfLayers;
  readonly consumer: ConfLayers;
}

export function roundTripLayers(spec: RoundTripSpec, taskId: string): RoundTripLayers {
  const { commonClientConf, adminClientConf, producerConf, consumerConf } = spec;
  const servers = { "bootstrap.servers": spec.bootstrapServers };
  const consumer = confLayers(
    {
      ...servers,
      "client.id": `consumer.${taskId}`,
      "auto.offset.reset": "earliest",
      "request.timeout.ms": "105000",
      "max.poll.interval.ms": "100000",
    },
    { commonClientConf, consumerConf },
  );
  return {
    admin: confLayers(
      { ...servers, "request.timeout.ms": "25000" },
      { commonClientConf, adminClientConf },
    ),
    producer: confLayers(
      {
        ...servers,
        "batch.size": "16384",
        "buffer.memory": "65536",
        "max.block.ms": "1000",
        "client.id": `producer.${taskId}`,
        acks: "all",
        "request.timeout.ms": "105000",
      },
      { commonClientConf, producerConf },
    ),
    // As in 4.1: no configuration takes the task out of its own group.
    consumer: withFinal(consumer, { "group.id": `round-trip-consumer-group-${taskId}` }),
  };
}
