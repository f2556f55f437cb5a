// The consumptions of a worker, one for each of its consumers, and what its status is made from.

import type { ClientLibrary } from "../../kafka/client.ts";
import { createRateMeter } from "../../measure/rates.ts";
import type { WorkerContext } from "../define-task.ts";
import { createRecordProcessor } from "../record-processing/record-processor.ts";
import type { TimestampSpec } from "../record-processing/record-processor-spec.ts";
import type { StatusSources } from "./consume-status.ts";
import { consumerId } from "./consumer-id.ts";
import { createConsumption, createEndToEnd, type TakingConsumer } from "./consumption.ts";

export interface ConsumptionSpec {
  readonly maxMessages: bigint;
  /** For each consumer; 0 and below: without a limit. */
  readonly targetMessagesPerSec: number;
  readonly recordProcessor?: TimestampSpec | undefined;
}

export interface ConsumptionSetup {
  readonly consumers: readonly TakingConsumer[];
  readonly takesWhole: boolean;
  readonly clientLibrary: ClientLibrary;
  readonly warnings: readonly string[];
  readonly subscription?: readonly string[];
}

export function consumptionSources(
  spec: ConsumptionSpec,
  { consumers, takesWhole, ...setup }: ConsumptionSetup,
  { clock, taskId }: WorkerContext,
): StatusSources {
  const endToEnd = createEndToEnd();
  const consumptions = consumers.map((consumer, index) =>
    createConsumption({
      clientId: consumerId(taskId, index),
      consumer,
      clock,
      maxMessages: Number(spec.maxMessages),
      ratePerSec: spec.targetMessagesPerSec > 0 ? spec.targetMessagesPerSec : undefined,
      takesWhole,
      processor: spec.recordProcessor && createRecordProcessor(spec.recordProcessor),
      endToEnd,
    }),
  );
  return { ...setup, consumptions, endToEnd, rates: createRateMeter(clock.nowUs()) };
}
