// Every task type, in the order of help and docs. The list is explicit: a test fails when a folder
// under workloads/ or faults/ is missing here.

import type { TaskType } from "./define-task.ts";
import { clockSkewFault } from "./faults/clock-skew-fault/index.ts";
import { degradedNetworkFault } from "./faults/degraded-network-fault/index.ts";
import { filesUnreadableFault } from "./faults/files-unreadable-fault/index.ts";
import { kiboshFault } from "./faults/kibosh-fault/index.ts";
import { networkFault } from "./faults/network-fault/index.ts";
import { networkPartitionFault } from "./faults/network-partition-fault/index.ts";
import { processKillFault } from "./faults/process-kill-fault/index.ts";
import { processStopFault } from "./faults/process-stop-fault/index.ts";
import { resourceStressFault } from "./faults/resource-stress-fault/index.ts";
import { serviceRestartFault } from "./faults/service-restart-fault/index.ts";
import { configurableProducer } from "./workloads/configurable-producer/index.ts";
import { connectionStress } from "./workloads/connection-stress/index.ts";
import { consumeBench } from "./workloads/consume-bench/index.ts";
import { externalCommand } from "./workloads/external-command/index.ts";
import { noOp } from "./workloads/no-op/index.ts";
import { produceBench } from "./workloads/produce-bench/index.ts";
import { roundTrip } from "./workloads/round-trip/index.ts";
import { shareConsumeBench } from "./workloads/share-consume-bench/index.ts";
import { shareRoundTrip } from "./workloads/share-round-trip/index.ts";
import { sustainedConnection } from "./workloads/sustained-connection/index.ts";

export const taskTypes: readonly TaskType[] = [
  erased(produceBench),
  erased(consumeBench),
  erased(roundTrip),
  erased(shareConsumeBench),
  erased(shareRoundTrip),
  erased(connectionStress),
  erased(sustainedConnection),
  erased(configurableProducer),
  erased(externalCommand),
  erased(noOp),
  erased(networkPartitionFault),
  erased(degradedNetworkFault),
  erased(processStopFault),
  erased(filesUnreadableFault),
  erased(kiboshFault),
  erased(networkFault),
  erased(processKillFault),
  erased(serviceRestartFault),
  erased(resourceStressFault),
  erased(clockSkewFault),
];

/** Specs reach a task type only through its own schema, so the type may be forgotten here. */
function erased(taskType: unknown): TaskType {
  return taskType as TaskType;
}
