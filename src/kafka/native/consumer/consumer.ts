// The consumer, still to be written.

import type { ClientEnvironment, Consumer } from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";

export function createConsumer(_conf: ConsumerConf, _environment: ClientEnvironment): Consumer {
  throw new Error("not written yet");
}
