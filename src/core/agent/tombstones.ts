// Ids that must not start anything. Messages can be late or come twice: a stop or destroy may
// overtake the create that it is about. Worker ids of our own coordinators are never used twice, so
// an id that such a coordinator stopped or destroyed is remembered, on disk and up to a bound, and
// a create of that id from that coordinator is answered and starts nothing.

import { noTombstoneRow, tombstoneRow } from "./agent-rows.ts";
import type { Tombstone } from "./agent-state.ts";
import type { AgentTurn } from "./agent-turn.ts";

export function bury(
  turn: AgentTurn,
  workerId: bigint,
  coordinatorId: string,
  kind: Tombstone["kind"],
): void {
  const { state } = turn;
  const before = state.tombstones.get(workerId);
  const isKnown = before?.coordinatorId === coordinatorId && before.kind === kind;
  if (coordinatorId === "" || isKnown) return;
  const tombstone = { workerId, coordinatorId, kind, serial: state.nextTombstone++ };
  state.tombstones.delete(workerId);
  state.tombstones.set(workerId, tombstone);
  turn.changes.push(tombstoneRow(tombstone));
  const [oldest] = state.tombstones.keys();
  if (state.tombstones.size > state.options.tombstonesMax && oldest !== undefined) {
    exhume(turn, oldest);
  }
}

export function exhume(turn: AgentTurn, workerId: bigint): void {
  if (!turn.state.tombstones.delete(workerId)) return;
  turn.changes.push(noTombstoneRow(workerId));
}

/** What is known of an id that this caller wants to use. */
export function buriedAs(
  turn: AgentTurn,
  workerId: bigint,
  coordinatorId: string,
): Tombstone["kind"] | undefined {
  const tombstone = turn.state.tombstones.get(workerId);
  return tombstone?.coordinatorId === coordinatorId ? tombstone.kind : undefined;
}
