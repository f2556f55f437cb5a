// The Kafka protocol's requests and responses off the hot path, taken one by one from
// @platformatic/kafka: each of its API modules is a writer and a reader that need nothing but a
// connection with a `send`. Importing single modules keeps the library's schema compiler and
// clients out of the program: about 14 ms of start-up instead of 150.

import { api as describeNewGroups } from "@kafka-wire/apis/admin/consumer-group-describe-v0.js";
import { api as createTopics } from "@kafka-wire/apis/admin/create-topics-v7.js";
import { api as deleteGroups } from "@kafka-wire/apis/admin/delete-groups-v2.js";
import { api as describeGroups } from "@kafka-wire/apis/admin/describe-groups-v5.js";
import { api as describeQuorum } from "@kafka-wire/apis/admin/describe-quorum-v1.js";
import { api as alterConfigs } from "@kafka-wire/apis/admin/incremental-alter-configs-v1.js";
import { api as listGroups } from "@kafka-wire/apis/admin/list-groups-v4.js";
import { api as groupHeartbeat } from "@kafka-wire/apis/consumer/consumer-group-heartbeat-v0.js";
import { api as heartbeat } from "@kafka-wire/apis/consumer/heartbeat-v4.js";
import { api as joinGroup } from "@kafka-wire/apis/consumer/join-group-v7.js";
import { api as leaveGroup } from "@kafka-wire/apis/consumer/leave-group-v4.js";
import { api as listOffsets } from "@kafka-wire/apis/consumer/list-offsets-v7.js";
import { api as offsetCommitClassic } from "@kafka-wire/apis/consumer/offset-commit-v8.js";
import { api as offsetCommit } from "@kafka-wire/apis/consumer/offset-commit-v9.js";
import { api as offsetFetchClassic } from "@kafka-wire/apis/consumer/offset-fetch-v8.js";
import { api as offsetFetch } from "@kafka-wire/apis/consumer/offset-fetch-v9.js";
import { api as syncGroup } from "@kafka-wire/apis/consumer/sync-group-v5.js";
import type { API } from "@kafka-wire/apis/definitions.js";
import { api as apiVersions } from "@kafka-wire/apis/metadata/api-versions-v3.js";
import { api as findCoordinator } from "@kafka-wire/apis/metadata/find-coordinator-v4.js";
import { api as metadata } from "@kafka-wire/apis/metadata/metadata-v12.js";
import { api as addPartitionsToTxn } from "@kafka-wire/apis/producer/add-partitions-to-txn-v3.js";
import { api as endTxn } from "@kafka-wire/apis/producer/end-txn-v3.js";
import { api as initProducerId } from "@kafka-wire/apis/producer/init-producer-id-v4.js";
import { api as saslAuthenticate } from "@kafka-wire/apis/security/sasl-authenticate-v2.js";
import { api as saslHandshake } from "@kafka-wire/apis/security/sasl-handshake-v1.js";

export type WireApi<Args extends unknown[], Response> = API<Args, Response>;

export const wireApi = {
  createTopics,
  apiVersions,
  findCoordinator,
  alterConfigs,
  deleteGroups,
  describeGroups,
  describeNewGroups,
  describeQuorum,
  groupHeartbeat,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  listOffsets,
  offsetCommit,
  offsetCommitClassic,
  offsetFetch,
  offsetFetchClassic,
  syncGroup,
  metadata,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  saslAuthenticate,
  saslHandshake,
};

/** The versions of Produce that this client writes; the highest that a broker knows is used. */
export const produceApi = { key: 0, minVersion: 9, maxVersion: 11 } as const;
