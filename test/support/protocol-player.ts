// Plays a list of requests against an agent and a coordinator and notes the answers, byte for byte
// but for times: the same player records the Java daemons and asks ours.

import { request as httpRequest } from "node:http";
import { eventually } from "./daemon-process.ts";

export interface ProtocolStep {
  readonly name: string;
  readonly to: "agent" | "coordinator";
  readonly method: string;
  readonly path: string;
  /** `<now>` stands for the wall clock. Absent: no body and no Content-Type. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Repeats the request until the answer's text matches; the last one counts. */
  readonly until?: string;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

const untilWithinMs = 20_000;

export async function playStep(
  step: ProtocolStep,
  targets: Readonly<Record<ProtocolStep["to"], string>>,
): Promise<Answer> {
  const pattern = step.until === undefined ? undefined : new RegExp(step.until);
  let answer = await ask(step, targets[step.to]);
  const isThere = await eventually(async () => {
    if (pattern === undefined || pattern.test(answer.body)) return true;
    answer = await ask(step, targets[step.to]);
    return pattern.test(answer.body);
  }, untilWithinMs);
  if (!isThere) throw new Error(`${step.name}: never answered ${step.until}: ${answer.body}`);
  return answer;
}

/** Times differ between two runs; everything else must not. */
export function withoutTimes(text: string): string {
  return text.replace(/(?<![\d.])1[789]\d{11}(?!\d)/g, "<time>");
}

function ask(step: ProtocolStep, target: string): Promise<Answer> {
  const body = step.body?.replaceAll("<now>", String(Date.now()));
  const type = body === undefined ? {} : { "Content-Type": "application/json" };
  const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const headers = { Accept: "application/json", ...type, ...length, ...step.headers };
  return new Promise((resolve, reject) => {
    const url = new URL(`http://${target}`);
    const { hostname, port } = url;
    const { method, path } = step;
    const sent = httpRequest({ hostname, port, method, path, headers, agent: false });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        const contentType = response.headers["content-type"] ?? null;
        resolve({ status, contentType, body: withoutTimes(text) });
      });
    });
    sent.end(body);
  });
}
