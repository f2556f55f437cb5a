// What a node's answers to calls mean. A lost answer means nothing: the next poll tells.

import type { Refusal } from "../refusal.ts";
import { type AgentCallName, agentCallKey, type Called } from "./coordinator-events.ts";
import type { NodeRecord } from "./coordinator-state.ts";
import { pollSoon, sendCalls } from "./node-calls.ts";
import { removeWorker, type Turn } from "./turn.ts";
import { changeWorker } from "./worker-changes.ts";
import type { WorkerRecord } from "./worker-transitions.ts";

/** Permanent refusals: repeating the create changes nothing. */
const permanent: readonly string[] = ["conflict", "unknownClass", "invalidRequest", "refused"];

export function called(turn: Turn, event: Called): void {
  const { call, workerId, refusal } = event;
  const node = turn.state.nodes.get(event.node)!;
  node.inFlight.delete(agentCallKey(call, workerId));
  const worker = turn.state.workers.get(workerId);
  if (worker !== undefined) takeAnswer(turn, node, worker, call, refusal);
  sendCalls(turn, node);
  const isFirst = call === "create" ? worker?.creates === 1 : worker?.stops === 1;
  if (refusal === undefined && call !== "destroy" && isFirst) node.wantsPoll = true;
  // What the first create or stop of a worker did should be seen at once, not at the next period.
  if (node.wantsPoll && node.inFlight.size === 0) pollSoon(turn, node);
}

function takeAnswer(
  turn: Turn,
  node: NodeRecord,
  worker: WorkerRecord,
  call: AgentCallName,
  refusal: Refusal | undefined,
): void {
  switch (call) {
    case "create": {
      const next = changeWorker(turn, worker, { type: "createEnded", poll: node.poll });
      if (refusal === undefined || !permanent.includes(refusal.code)) return;
      const error = refusalText(node, refusal);
      changeWorker(turn, next, { type: "createRefused", error });
      return;
    }
    case "stop":
      if (refusal === undefined)
        changeWorker(turn, worker, { type: "stopAnswered", poll: node.poll });
      return;
    case "destroy":
      if (refusal !== undefined) return;
      if (worker.wanted === "forget") removeWorker(turn, worker);
      else changeWorker(turn, worker, { type: "gone" });
  }
}

/** Some messages name the node themselves. */
function refusalText({ name }: NodeRecord, { message }: Refusal): string {
  if (message.startsWith(`node ${name} `)) return message;
  return `node ${name} refused the worker: ${message}`;
}
