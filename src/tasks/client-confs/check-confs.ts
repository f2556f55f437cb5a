// What is wrong with the settings of a workload's clients before it starts. The code that reads
// configurations is loaded only when there are brokers to connect to.

import type { Problem } from "../../core/trogdor-error.ts";
import type { ClientLibrary } from "../../kafka/client.ts";
import type { ClientLayers } from "./resolve-confs.ts";

/** `hasServers` false: neither the spec nor its maps say where the brokers are. */
export async function checkConfs(
  hasServers: boolean,
  layers: ClientLayers,
  library: ClientLibrary,
): Promise<readonly Problem[]> {
  if (!hasServers) {
    const message = 'is empty: expected Kafka\'s brokers, for example "localhost:9092"';
    return [{ path: "bootstrapServers", message }];
  }
  const { confProblems } = await import("./resolve-confs.ts");
  return await confProblems(layers, library);
}
