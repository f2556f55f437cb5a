// The spec of ConnectionStress: the reference's fields in its printing order.

import * as v from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { choice } from "../../../spec/types/choice.ts";
import { field } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { listOf } from "../../../spec/types/list.ts";
import { textMap } from "../../../spec/types/map.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.workload.ConnectionStressSpec";
export const SHORT_NAME = "ConnectionStress";

export const connectionStressSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    clientNode: field(listOf(text()), [], "The agent nodes that connect, each at the full rate."),
    bootstrapServers: field(text(), "", "Kafka's brokers as host:port, separated by commas."),
    commonClientConf: field(textMap(), {}, "The clients' configuration, by Java's names."),
    targetConnectionsPerSec: field(
      int32(),
      0,
      "Connections a second on each node. 0 and below mean 10 for each thread.",
    ),
    numThreads: field(
      v.pipe(
        int32(),
        v.transform((count: number) => Math.max(1, count)),
      ),
      0,
      "Connections that are made at the same time, at least 1.",
    ),
    action: field(
      choice(["CONNECT", "FETCH_METADATA"], { ordinals: true }),
      "CONNECT",
      "CONNECT: connects and closes. FETCH_METADATA: asks a broker for the cluster in between.",
    ),
  },
  { typeField: "class" },
);

export type ConnectionStressSpec = v.InferOutput<typeof connectionStressSchema>;
