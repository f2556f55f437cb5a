// The spec of DegradedNetworkFault.

import type { InferOutput } from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { field } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { mapOf } from "../../../spec/types/map.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.fault.DegradedNetworkFaultSpec";
export const SHORT_NAME = "DegradedNetworkFault";

const nodeDegradeSpec = specObject({
  networkDevice: field(
    text(),
    "",
    "The network device, such as eth0. Empty means every device of the node but loopback.",
  ),
  latencyMs: field(int32(), 0, "The delay of each packet that leaves. 0 means none.", {
    unit: "ms",
  }),
  rateLimitKbit: field(
    int32(),
    0,
    "The most that leaves, in thousand bits a second. 0 means no limit.",
  ),
});

export const degradedNetworkSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    nodeSpecs: field(mapOf(nodeDegradeSpec), {}, "Node name to how its network is degraded."),
  },
  { typeField: "class" },
);

export type NodeDegradeSpec = InferOutput<typeof nodeDegradeSpec>;
export type DegradedNetworkSpec = InferOutput<typeof degradedNetworkSchema>;

/** What is wrong with one node's part; "" when nothing is. */
export function degradeProblem(spec: NodeDegradeSpec): string {
  const { networkDevice, latencyMs, rateLimitKbit } = spec;
  if (latencyMs < 0 || rateLimitKbit < 0) {
    const device = networkDevice === "" ? "" : `networkDevice='${networkDevice}', `;
    return (
      "Expected non-negative values for latencyMs and rateLimitKbit, but got NodeDegradeSpec{" +
      `${device}latencyMs=${latencyMs}, rateLimitKbit=${rateLimitKbit}}`
    );
  }
  if (latencyMs > 0 || rateLimitKbit > 0) return "";
  return "latencyMs and rateLimitKbit are both 0, so nothing would be degraded";
}
