// The broker that coordinates the group: found when it is needed, asked over a connection of its
// own (a JoinGroup holds its connection up for as long as the group takes), looked for again when
// it moves or fails.

import { type ClientEnvironment, KafkaError } from "../../../client.ts";
import type { ConsumerConf } from "../../../conf/types.ts";
import { type Deadline, within } from "../../../retry.ts";
import { callTolerant } from "../../api-calls.ts";
import { type Control, createControl } from "../../control.ts";
import { brokerError } from "../../protocol-error.ts";
import type { Session } from "../../session.ts";
import { type WireApi, wireApi } from "../../wire-api.ts";

export interface Coordinator {
  /**
   * Asks the coordinator once. Rejects with a retriable KafkaError when it cannot be found or
   * reached; errors of the answer's parts stay in the answer.
   */
  call<Args extends unknown[], Response>(
    deadline: Deadline,
    api: WireApi<Args, Response>,
    ...args: Args
  ): Promise<Response>;
  /** The group has another coordinator now, or the connection is of no use. */
  forget(): void;
  close(): void;
}

/** Codes by which a broker says that another one coordinates, or that it does not yet. */
const movedCodes = new Set(["NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE"]);

export function isCoordinatorMove(error: KafkaError): boolean {
  return movedCodes.has(error.code);
}

/** FindCoordinator's key type for groups. */
const groupKey = 0;
const joinMarginMs = 5000;

export function createCoordinator(
  groupId: string,
  control: Control,
  conf: ConsumerConf,
  environment: ClientEnvironment,
): Coordinator {
  const { clock } = environment;
  // Only opens sessions: their requests may take as long as a group takes to rebalance.
  const longMs = Math.max(conf.requestTimeoutMs, conf.maxPollIntervalMs + joinMarginMs);
  const sessions = createControl({ ...conf, requestTimeoutMs: longMs }, environment);
  let current: Promise<Session> | undefined;

  async function open(deadline: Deadline): Promise<Session> {
    const answer = await control.askAny(deadline, async (connection) => {
      const found = await callTolerant(connection, wireApi.findCoordinator, groupKey, [groupId]);
      const first = found.coordinators[0];
      if (first === undefined) throw brokerError(notAvailable);
      if (first.errorCode !== 0) throw groupError(groupId, first.errorCode, first.errorMessage);
      return first;
    });
    return await sessions.open({ host: answer.host, port: answer.port });
  }

  function session(deadline: Deadline): Promise<Session> {
    if (current !== undefined) return current;
    const opening = open(deadline);
    current = opening;
    const forget = () => {
      if (current === opening) current = undefined;
    };
    opening.then(({ connection }) => {
      connection.onClose = forget;
      if (connection.isClosed) forget();
    }, forget);
    return opening;
  }

  const coordinator: Coordinator = {
    async call(deadline, api, ...args) {
      const late = () =>
        new KafkaError(
          "REQUEST_TIMED_OUT",
          `the coordinator of group "${groupId}" did not answer in time`,
          true,
        );
      const asking = session(deadline).then(({ connection, supports }) => {
        if (!supports(api)) throw unsupported(connection.name, api);
        return callTolerant(connection, api, ...args);
      });
      try {
        return await within(clock, deadline, late, asking);
      } catch (error) {
        const isLost = error instanceof KafkaError && error.retriable;
        if (isLost) coordinator.forget();
        throw error;
      }
    },
    forget() {
      const old = current;
      current = undefined;
      old?.then(
        ({ connection }) => connection.close(),
        () => {},
      );
    },
    close() {
      coordinator.forget();
      sessions.close();
    },
  };
  return coordinator;
}

const notAvailable = 15;

/** What a broker says about the group, with the group's name in front. */
export function groupError(groupId: string, errorCode: number, detail?: string | null): KafkaError {
  const error = brokerError(errorCode, detail);
  const message = `group "${groupId}": ${error.message}`;
  return new KafkaError(error.code, message, error.retriable || movedCodes.has(error.code), error);
}

function unsupported(name: string, { key, version }: { key: number; version: number }): KafkaError {
  const message =
    key === wireApi.groupHeartbeat.key
      ? `${name}: the broker does not know group.protocol=consumer; Kafka 4.0 or later is needed`
      : `${name}: the broker does not know version ${version} of API ${key}`;
  return new KafkaError("UNSUPPORTED_VERSION", message, false);
}
