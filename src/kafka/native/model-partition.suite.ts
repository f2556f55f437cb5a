// One topicPartition of a model cluster: its log and Kafka's rules about a producer's epoch and
// sequences (ProducerStateManager): the last five batches of each producer are known, so that one
// which comes again is told from one that comes in the wrong order. A producer that is unknown
// may begin with any sequence.

export interface ModelBatch {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly first: number;
  readonly last: number;
  /** What the records' keys say, or the values of those without. */
  readonly numbers: readonly number[];
}

export const codes = {
  none: 0,
  outOfOrder: 45,
  staleEpoch: 47,
} as const;

interface ProducerState {
  epoch: number;
  readonly recent: ModelBatch[];
}

export interface ModelPartition {
  leaderId: number;
  readonly log: readonly ModelBatch[];
  /** Appends the batch, or finds that it is there already; answers Kafka's error code. */
  append(batch: ModelBatch): number;
  /** All replicas have what is in the log now: a new leader has it too. */
  commit(): void;
  /** Another broker leads, which may lack the end of the log that was not committed. */
  moveTo(brokerId: number, random: () => number): void;
}

const recentMax = 5;

export function createModelPartition(leaderId: number): ModelPartition {
  const log: ModelBatch[] = [];
  const states = new Map<bigint, ProducerState>();
  let committedCount = 0;

  function refusal(batch: ModelBatch): number {
    const state = states.get(batch.producerId);
    if (state === undefined) return codes.none;
    if (batch.epoch < state.epoch) return codes.staleEpoch;
    const expected = batch.epoch > state.epoch ? 0 : (state.recent.at(-1)!.last + 1) % 2 ** 31;
    return batch.first === expected ? codes.none : codes.outOfOrder;
  }

  function remember(batch: ModelBatch): void {
    if (batch.producerId < 0n) return;
    const state = states.get(batch.producerId);
    if (state === undefined || state.epoch !== batch.epoch) {
      states.set(batch.producerId, { epoch: batch.epoch, recent: [batch] });
      return;
    }
    state.recent.push(batch);
    if (state.recent.length > recentMax) state.recent.shift();
  }

  function isRepeated(batch: ModelBatch): boolean {
    const state = states.get(batch.producerId);
    if (state?.epoch !== batch.epoch) return false;
    return state.recent.some(({ first, last }) => first === batch.first && last === batch.last);
  }

  return {
    leaderId,
    log,
    append(batch) {
      if (batch.producerId >= 0n && batch.epoch < 0) throw new Error("an epoch below zero");
      if (isRepeated(batch)) return codes.none;
      const code = refusal(batch);
      if (code !== codes.none) return code;
      log.push(batch);
      remember(batch);
      return codes.none;
    },
    commit() {
      committedCount = log.length;
    },
    moveTo(brokerId, random) {
      this.leaderId = brokerId;
      const kept = committedCount + Math.floor(random() * (log.length - committedCount + 1));
      const replayed = log.splice(0).slice(0, kept);
      states.clear();
      for (const batch of replayed) {
        log.push(batch);
        remember(batch);
      }
      committedCount = kept;
    },
  };
}
