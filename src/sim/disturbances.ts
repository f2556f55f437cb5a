// What the simulator does to a cluster, counted. A kind that never happened was not tested, so a
// run in which one stays at zero is a failure of the simulator itself.

export const disturbanceKinds = [
  "requestLost",
  "answerLost",
  "delayed",
  "duplicated",
  "reordered",
  "refused",
  "timedOut",
  "partitioned",
  "blockedByPartition",
  "coordinatorKilled",
  "coordinatorPowerCut",
  "coordinatorRestarted",
  "agentKilled",
  "agentPowerCut",
  "agentRestarted",
  "commitLost",
  "commitTorn",
  "commitLucky",
  "commitFailed",
  "wallClockStepped",
  "strangerCreatedWorker",
  "deadManWatched",
  "taskArchived",
  "workerFailed",
  "workerFailedToStart",
  "workerSlowToStop",
] as const;

export type DisturbanceKind = (typeof disturbanceKinds)[number];
export type DisturbanceCounts = Record<DisturbanceKind, number>;

export function noDisturbances(): DisturbanceCounts {
  return Object.fromEntries(disturbanceKinds.map((kind) => [kind, 0])) as DisturbanceCounts;
}

export function addDisturbances(sum: DisturbanceCounts, more: DisturbanceCounts): void {
  for (const kind of disturbanceKinds) sum[kind] += more[kind];
}
