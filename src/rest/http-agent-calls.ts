// What the coordinator asks of its agents, over HTTP: one try for each call, a bound for each, and
// connections that stay open to our agents. A Java agent gets only what Java can read.

import { TrogdorError } from "../core/trogdor-error.ts";
import type { SpecCatalog } from "../spec/spec-catalog.ts";
import type { AgentCalls, ConnectAgent, PolledStatus } from "./agent-calls.ts";
import { createWorkerBody } from "./agent-client.ts";
import type { AgentStatus, WorkerRequest } from "./agent-service.ts";
import {
  callAndRead,
  type HttpAnswer,
  type HttpCall,
  type Transport,
  type TransportOptions,
} from "./http-call.ts";
import type { Credentials } from "./listening.ts";
import { readAgentStatus, readObject } from "./read-answer.ts";
import { socketTransport } from "./socket-transport.ts";

export interface HttpAgentCallsOptions extends Credentials {
  readonly coordinatorId: string;
  readonly catalog: SpecCatalog;
  /** Where a node's agent listens. */
  address(node: string): { readonly hostname: string; readonly port: number };
  /** 10 s unless given. */
  readonly timeoutMs?: number;
  /** A create is answered when the worker has started; 30 s unless given. */
  readonly createTimeoutMs?: number;
}

export interface HttpAgentCalls {
  readonly connect: ConnectAgent;
  /** Ends all connections and calls under way. */
  close(): void;
}

export function httpAgentCalls(options: HttpAgentCallsOptions): HttpAgentCalls {
  const transports: Transport[] = [];
  return {
    connect(node) {
      const { tls, token, coordinatorId } = options;
      const transportOptions: TransportOptions = {
        ...options.address(node),
        coordinatorId,
        node,
        ...(tls === undefined ? {} : { tls }),
        ...(token === undefined ? {} : { token }),
      };
      const transport = socketTransport(transportOptions);
      transports.push(transport);
      return callsTo(node, transport, options);
    },
    close() {
      for (const transport of transports) transport.close();
    },
  };
}

function callsTo(node: string, transport: Transport, options: HttpAgentCallsOptions): AgentCalls {
  const { timeoutMs = 10_000, createTimeoutMs = 30_000 } = options;
  const readPolled = pollReader();
  let isOurs: boolean | undefined;
  const call = <T>(
    what: Omit<HttpCall, "timeoutMs">,
    read: (answer: HttpAnswer) => T,
    ms: number,
  ) =>
    // A Java web server may wait for idle connections when it is told to end.
    callAndRead(transport, { ...what, timeoutMs: ms, keepsAlive: isOurs !== false }, (answer) => {
      isOurs = answer.header("trogdor-version") !== undefined;
      return read(answer);
    });
  const send = async (what: Omit<HttpCall, "timeoutMs">, ms = timeoutMs) => {
    await call(what, ({ text }) => readObject(text), ms);
  };
  return {
    status: () => call({ method: "GET", path: "/agent/status" }, readPolled, timeoutMs),
    async createWorker(request) {
      if (isOurs === undefined) await send({ method: "GET", path: "/agent/uptime" });
      const spec = isOurs ? request.spec.text : javaSpec(node, request, options.catalog);
      const body = createWorkerBody(request.workerId, request.taskId, spec);
      await send({ method: "POST", path: "/agent/worker/create", body }, createTimeoutMs);
    },
    stopWorker: (workerId) =>
      send({ method: "PUT", path: "/agent/worker/stop", body: `{"workerId":${workerId}}` }),
    destroyWorker: (workerId) =>
      send({ method: "DELETE", path: `/agent/worker?workerId=${workerId}` }),
    shutdown: () => send({ method: "PUT", path: "/agent/shutdown" }),
  };
}

/**
 * Most polls bring what the last one brought: then the last status is answered, the same object.
 */
function pollReader(): (answer: HttpAnswer) => PolledStatus {
  let lastText: string | undefined;
  let lastStatus: AgentStatus | undefined;
  return (answer) => {
    if (lastStatus === undefined || answer.text !== lastText) {
      lastStatus = readAgentStatus(answer.text);
      lastText = answer.text;
    }
    const nowMs = Number(answer.header("trogdor-now-ms") ?? Number.NaN);
    return {
      status: lastStatus,
      version: answer.header("trogdor-version"),
      agentNowMs: Number.isFinite(nowMs) ? nowMs : undefined,
    };
  };
}

/** Java refuses a class or field of ours; the task then ends with an error that says which. */
function javaSpec(node: string, { spec }: WorkerRequest, catalog: SpecCatalog): string {
  const form = catalog.javaForm(spec);
  if (form === undefined) {
    const message = `node ${node} runs a Java agent, which does not know ${spec.className}`;
    throw new TrogdorError("unknownClass", message);
  }
  if (form.leftOut.length === 0) return form.text;
  const fields = form.leftOut.join(", ");
  const message = `node ${node} runs a Java agent, which does not know the field ${fields}`;
  throw new TrogdorError("invalidRequest", message);
}
