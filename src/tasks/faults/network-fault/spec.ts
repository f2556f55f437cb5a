// The spec of NetworkFault.

import type { InferOutput } from "valibot";
import type { Problem } from "../../../core/trogdor-error.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { choice } from "../../../spec/types/choice.ts";
import { double } from "../../../spec/types/double.ts";
import { field } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { setOf } from "../../../spec/types/list.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { nodeFields } from "../../node-fault.ts";

export const CLASS_NAME = "trogdor.NetworkFaultSpec";
export const SHORT_NAME = "NetworkFault";

const ports = (description: string) => field(setOf(int32()), [], description);

export const networkFaultSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    ...nodeFields(),
    peers: field(
      setOf(text()),
      [],
      "Who is cut off: node names, addresses or networks such as 10.0.0.0/8. Empty means everyone.",
    ),
    direction: field(
      choice(["both", "in", "out"]),
      "both",
      "Which packets: those that come in, those that go out, or both.",
    ),
    protocol: field(choice(["all", "tcp", "udp"]), "all", "Only packets of this protocol."),
    localPorts: ports("Only packets of these ports of the node itself, such as a broker's."),
    peerPorts: ports("Only packets of these ports of the peers."),
    action: field(
      choice(["drop", "reject", "reset", "duplicate", "delay"]),
      "drop",
      "drop: silence. reject: the sender hears that nobody is there. reset: TCP connections " +
        "break. duplicate: they come twice. delay: they come latencyMs later.",
    ),
    probability: field(double(), 1, "Which share of these packets is hit, above 0 up to 1."),
    latencyMs: field(int32(), 0, "For delay: how much later packets come.", { unit: "ms" }),
    jitterMs: field(int32(), 0, "For delay: its standard deviation.", { unit: "ms" }),
    exemptPorts: ports(
      "Local ports that stay reachable whatever else is cut, such as 22. The agent's and the " +
        "coordinator's are exempt by themselves.",
    ),
  },
  { typeField: "class" },
);

export type NetworkFaultSpec = InferOutput<typeof networkFaultSchema>;

const portMax = 65_535;

export function networkFaultProblems(spec: NetworkFaultSpec): Problem[] {
  const problems: Problem[] = [];
  for (const name of ["localPorts", "peerPorts", "exemptPorts"] as const) {
    const wrong = spec[name].filter((port) => port < 1 || port > portMax);
    if (wrong.length === 0) continue;
    const message = `expected ports from 1 to ${portMax}, found ${wrong.join(", ")}`;
    problems.push({ path: name, message });
  }
  if (!(spec.probability > 0 && spec.probability <= 1)) {
    const message = `expected a number above 0 up to 1, found ${spec.probability}`;
    problems.push({ path: "probability", message });
  }
  if (spec.action === "reset" && spec.protocol === "udp") {
    problems.push({ path: "protocol", message: 'only TCP can be reset: expected "tcp" or "all"' });
  }
  problems.push(...delayProblems(spec));
  if (cutsEverything(spec)) problems.push({ path: "peers", message: cutsEverythingText });
  return problems;
}

/** What takes more than rules to do. */
export function isQueued(action: NetworkFaultSpec["action"]): boolean {
  return action === "duplicate" || action === "delay";
}

/** A minute holds what the kernel's queue has room for. */
const delayMsMax = 60_000;

function delayProblems({ action, latencyMs, jitterMs }: NetworkFaultSpec): Problem[] {
  const problems: Problem[] = [];
  if (action !== "delay") {
    for (const [path, value] of Object.entries({ latencyMs, jitterMs })) {
      const message = `is for the action "delay", found ${value} beside "${action}"`;
      if (value !== 0) problems.push({ path, message });
    }
    return problems;
  }
  if (latencyMs < 1 || latencyMs > delayMsMax) {
    const message = `expected 1 to ${delayMsMax} ms for the action "delay", found ${latencyMs}`;
    problems.push({ path: "latencyMs", message });
  }
  if (jitterMs < 0 || jitterMs > delayMsMax) {
    const message = `expected 0 to ${delayMsMax} ms, found ${jitterMs}`;
    problems.push({ path: "jitterMs", message });
  }
  return problems;
}

/** What to say of any fault of ours that would leave no way to the node. */
export const cutsEverythingText =
  "this would cut all traffic of the node, yours as well: name peers, localPorts or peerPorts, " +
  'or what has to stay reachable: "exemptPorts": [22]';

/** The network of all addresses. */
function isEveryone(peer: string): boolean {
  return /^[\d.:a-f]+\/0+$/i.test(peer);
}

function cutsEverything(spec: NetworkFaultSpec): boolean {
  const { peers, localPorts, peerPorts, exemptPorts, protocol, action } = spec;
  const isNarrow =
    (peers.length > 0 && !peers.some(isEveryone)) || localPorts.length > 0 || peerPorts.length > 0;
  if (isQueued(action)) return false;
  return !isNarrow && protocol !== "udp" && exemptPorts.length === 0;
}
