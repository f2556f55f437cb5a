// The spec of DegradedNetworkFault.

import type { InferOutput } from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { double } from "../../../spec/types/double.ts";
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
  jitterMs: field(
    int32(),
    0,
    "The standard deviation of the delay. 0 means the square root of latencyMs.",
    { unit: "ms", isExtension: true },
  ),
  duplicatePercent: field(double(), 0, "How many of the packets that leave are sent twice.", {
    unit: "percent",
    isExtension: true,
  }),
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

/** What is wrong with one node's part, the reference's words first. */
export function degradeProblems(spec: NodeDegradeSpec): string[] {
  const { networkDevice, latencyMs, rateLimitKbit, jitterMs, duplicatePercent } = spec;
  const problems: string[] = [];
  if (latencyMs < 0 || rateLimitKbit < 0) {
    const device = networkDevice === "" ? "" : `networkDevice='${networkDevice}', `;
    problems.push(
      "Expected non-negative values for latencyMs and rateLimitKbit, but got NodeDegradeSpec{" +
        `${device}latencyMs=${latencyMs}, rateLimitKbit=${rateLimitKbit}}`,
    );
  }
  if (jitterMs < 0) problems.push(`expected a jitterMs of 0 or more, found ${jitterMs}`);
  if (jitterMs > 0 && latencyMs === 0) problems.push("jitterMs needs a latencyMs that it varies");
  if (!(duplicatePercent >= 0 && duplicatePercent <= 100)) {
    problems.push(`expected a duplicatePercent from 0 to 100, found ${duplicatePercent}`);
  }
  if (latencyMs === 0 && rateLimitKbit === 0 && duplicatePercent === 0) {
    const which = "latencyMs and rateLimitKbit are both 0";
    problems.push(`${which}, and so is duplicatePercent: nothing would be degraded`);
  }
  return problems;
}
