// What goes wrong between a producer and the brokers of a model cluster.

/** How often, of 1, something goes wrong. */
export interface Mishaps {
  /** The connection breaks before or after the broker has done the request, or falls silent. */
  readonly connection: number;
  /** A topicPartition's batch is refused with a passing error, before or after it was appended. */
  readonly refusal: number;
  /** A topicPartition's batch is refused for good. */
  readonly rejection: number;
  /** A topicPartition gets another leader. */
  readonly move: number;
  /** An answer is malformed, leaves something out, or asks for silence. */
  readonly answer: number;
  /** Requests on a connection that the client has closed are done all the same. */
  readonly late: number;
}

export const calm: Mishaps = {
  connection: 0,
  refusal: 0,
  rejection: 0,
  move: 0,
  answer: 0,
  late: 0,
};
