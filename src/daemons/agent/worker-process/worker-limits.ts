// How long workers may take to end. The same bounds as those of `trogdor exec`.

export interface WorkerLimits {
  /** After durationMs: as long as a send may be under way. */
  readonly expiredGraceMs: number;
  /** After a stop by a person. */
  readonly stoppedGraceMs: number;
  /** A child that has not even heard of its stop by then is stuck. */
  readonly reactionMs: number;
  /** Between the error that a child tells and its end. */
  readonly failedGraceMs: number;
  /** When the agent itself ends. */
  readonly closeGraceMs: number;
}

export const workerLimits: WorkerLimits = {
  expiredGraceMs: 180_000,
  stoppedGraceMs: 30_000,
  reactionMs: 10_000,
  failedGraceMs: 10_000,
  closeGraceMs: 5_000,
};
