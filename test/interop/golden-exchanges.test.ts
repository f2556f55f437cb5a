// Our daemons answer what the Java daemons were recorded to answer. Where we differ on purpose the
// case is listed here, and the reason is in docs/differences.md.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, type ProtocolStep, playStep } from "../support/protocol-player.ts";
import { startTrogdorCluster, type TrogdorCluster } from "../support/trogdor-cluster.ts";

interface Exchange extends ProtocolStep {
  readonly answer: Answer;
}

/** Java answers 500 to these mistakes of the caller; we answer what HTTP has for them. */
const clearerStatus: Readonly<Record<string, number>> = {
  "agent: not JSON": 400,
  "agent: no spec": 400,
  "agent: destroy with a bad id": 400,
  "agent: a wrong method of the agent": 405,
  "agent: a wrong Content-Type": 415,
  "agent: a wrong Accept": 406,
  "coordinator: a wrong number": 400,
  "coordinator: no spec": 400,
  "coordinator: no id": 400,
  "coordinator: not JSON": 400,
  "coordinator: stop without a body": 400,
  "coordinator: destroy by path": 405,
  "coordinator: a wrong method": 405,
};

/** Java says no more than `worker expired` of a task without a duration. */
const reason = ": durationMs is 0 or missing, so it was over before it began";

/** Java leaves the member out; harnesses index it. */
const emptyList = '{"tasks":{}}';

const golden = join(import.meta.dir, "../golden/protocol.golden.json");
const exchanges = JSON.parse(readFileSync(golden, "utf8")) as Exchange[];

let clusters: AsyncDisposableStack;
let targets: Record<ProtocolStep["to"], string>;

beforeAll(async () => {
  clusters = new AsyncDisposableStack();
  const request = { coordinator: "ours", agents: ["ours"] } as const;
  const cluster: TrogdorCluster = clusters.use(await startTrogdorCluster(request));
  // The agent's part needs an agent that no coordinator polls: it would stop the workers.
  const other: TrogdorCluster = clusters.use(await startTrogdorCluster(request));
  other.coordinator.kill("SIGKILL");
  await other.coordinator.exited;
  targets = { agent: other.agentTargets[0]!, coordinator: cluster.coordinatorTarget };
}, 60_000);

afterAll(async () => {
  await clusters.disposeAsync();
});

describe("our daemons answer as the Java daemons", () => {
  // In order: a request builds on those before it.
  for (const exchange of exchanges) {
    const title = `${exchange.to}: ${exchange.name}`;
    test(title, async () => {
      const ours = await playStep(exchange, targets);
      const java = exchange.answer;
      expect(ours.status).toBe(clearerStatus[title] ?? java.status);
      if (exchange.method !== "OPTIONS") expect(ours.contentType).toStartWith("application/json");
      if (ours.status !== 200) {
        const error = JSON.parse(ours.body);
        expect(Object.keys(error)).toEqual(["code", "message"]);
        expect(error.code).toBe(ours.status);
        if (isOwnText(java)) expect(ours.body).toBe(java.body);
      } else if (exchange.method === "HEAD") {
        expect(ours.body).toBe("");
      } else if (exchange.method === "OPTIONS") {
        expect(ours.body).toContain("GET");
      } else {
        const isEmptyList = java.body === "{}" && exchange.path.startsWith("/coordinator/tasks");
        const isRead = exchange.method === "GET";
        expect(comparable(ours.body)).toEqual(
          comparable(isEmptyList && isRead ? emptyList : java.body),
        );
      }
    });
  }
});

/** A message of Trogdor itself, which people know; the others are those of its libraries. */
function isOwnText({ status, body }: Answer): boolean {
  return (status === 409 || status === 404 || /Invalid empty ID/.test(body)) && !/HTTP/.test(body);
}

function comparable(body: string): unknown {
  return JSON.parse(body.replaceAll("<time>", '"<time>"').replaceAll(reason, ""));
}
