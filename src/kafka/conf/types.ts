// A client's configuration after conf/ has read the Java names: checked, typed, units in the names,
// defaults of the Java client 4.1 filled in. The implementations see only this.

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";

export interface SaslConf {
  readonly mechanism: SaslMechanism;
  readonly username: string;
  readonly password: string;
}

/** PEM texts, whatever kind of store they came from. */
export interface TlsConf {
  /** Certificates that are trusted; undefined: the system's. */
  readonly caPem: string | undefined;
  readonly certPem: string | undefined;
  readonly keyPem: string | undefined;
  /** False when ssl.endpoint.identification.algorithm is empty. */
  readonly verifyHostname: boolean;
}

export interface ConnectionConf {
  readonly bootstrapServers: readonly BrokerAddress[];
  readonly clientId: string;
  readonly tls: TlsConf | undefined;
  readonly sasl: SaslConf | undefined;
  readonly requestTimeoutMs: number;
  readonly defaultApiTimeoutMs: number;
  readonly connectionSetupTimeoutMs: number;
  readonly connectionSetupTimeoutMaxMs: number;
  readonly reconnectBackoffMs: number;
  readonly reconnectBackoffMaxMs: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly metadataMaxAgeMs: number;
}

export type AdminConf = ConnectionConf;

export type CompressionType = "none" | "gzip" | "snappy" | "lz4" | "zstd";

export interface ProducerConf extends ConnectionConf {
  readonly acks: -1 | 0 | 1;
  readonly lingerMs: number;
  readonly batchSizeBytes: number;
  readonly bufferMemoryBytes: number;
  readonly maxInFlight: number;
  readonly compression: CompressionType;
  /** Undefined: the codec's default. */
  readonly compressionLevel: number | undefined;
  readonly idempotence: boolean;
  readonly transactionalId: string | undefined;
  readonly transactionTimeoutMs: number;
  readonly deliveryTimeoutMs: number;
  readonly maxBlockMs: number;
  readonly maxRequestSizeBytes: number;
  readonly retries: number;
  /** partitioner.ignore.keys: choose partitions without looking at the key. */
  readonly partitionerIgnoresKeys: boolean;
}

export type GroupProtocol = "classic" | "consumer";

export type AssignorName = "range" | "roundrobin" | "sticky" | "cooperative-sticky";

export interface ConsumerConf extends ConnectionConf {
  /** Undefined: no group; offsets are not committed. */
  readonly groupId: string | undefined;
  readonly groupProtocol: GroupProtocol;
  /** group.instance.id: static membership. */
  readonly groupInstanceId: string | undefined;
  /** group.remote.assignor; undefined: the broker's choice. */
  readonly remoteAssignor: string | undefined;
  /** partition.assignment.strategy, in the order of preference. */
  readonly assignors: readonly AssignorName[];
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
  readonly maxPollRecords: number;
  readonly autoCommit: boolean;
  readonly autoCommitIntervalMs: number;
  /** What to do without a valid position. `byDurationMs`: records of that last while. */
  readonly offsetReset: "earliest" | "latest" | "none" | { readonly byDurationMs: number };
  readonly readCommitted: boolean;
  readonly checkCrcs: boolean;
  readonly fetchMinBytes: number;
  readonly fetchMaxBytes: number;
  readonly maxPartitionFetchBytes: number;
  readonly fetchMaxWaitMs: number;
  readonly allowAutoCreateTopics: boolean;
  /** "" when it is not set. */
  readonly clientRack: string;
}

/**
 * What reading the Java names gave. Problems are errors before the start; warnings go into the
 * status.
 */
export interface ConfResult<Conf> {
  readonly conf: Conf | undefined;
  readonly problems: readonly import("../../core/trogdor-error.ts").Problem[];
  readonly warnings: readonly string[];
}
