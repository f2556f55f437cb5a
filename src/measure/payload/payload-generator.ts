// The bytes of a record's key or value as a function of its position. This is the hot path of every
// workload: generators write in place, allocate nothing for a record and use no bigint there.

export interface PayloadGenerator {
  /** The size of every payload (-1: all are null), when it does not depend on the position. */
  readonly fixedSize?: number;
  /** Every payload, when it does not depend on the position and is not null. */
  readonly constant?: Uint8Array;
  /** Bytes of the payload at `position`; -1 is null. Always called before `write`. */
  size(position: number): number;
  /**
   * Writes exactly `size(position)` bytes at `offset`. Positions ascend from 0; asking again for
   * the last one (a send that found no room) gives the same bytes, apart from time stamps.
   */
  write(position: number, target: Uint8Array, offset: number): void;
}

/** What generators need from outside: the wall clock, for those that write time stamps. */
export interface PayloadClock {
  nowMs(): number;
}
