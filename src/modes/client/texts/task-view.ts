// A task's state as the client got it, whoever the coordinator is: members may be missing, and the
// spec may be of a class that this program does not know. Numbers keep all their digits.

import { isJsonNumber, isJsonObject, type JsonObject, type JsonValue } from "../../../spec/json.ts";

export interface TaskView {
  readonly id: string;
  readonly state: string;
  readonly className: string;
  readonly spec: JsonValue;
  readonly startMs: number | bigint;
  readonly durationMs: number;
  /** -1 when it never ran. */
  readonly startedMs: number;
  readonly doneMs: number;
  /** "" when there is none. */
  readonly error: string;
  readonly cancelled: boolean;
  readonly status: JsonValue;
  /** As it came. */
  readonly json: JsonValue;
}

export function taskView(id: string, json: JsonValue): TaskView {
  const members: JsonObject = isJsonObject(json) ? json : {};
  const spec = members["spec"] ?? null;
  const fields: JsonObject = isJsonObject(spec) ? spec : {};
  const startMs = fields["startMs"];
  return {
    id,
    state: textOf(members["state"]),
    className: textOf(fields["class"]),
    spec,
    startMs: typeof startMs === "bigint" ? startMs : numberOf(startMs),
    durationMs: numberOf(fields["durationMs"]),
    startedMs: numberOf(members["startedMs"]),
    doneMs: numberOf(members["doneMs"]),
    error: textOf(members["error"]),
    cancelled: members["cancelled"] === true,
    status: members["status"] ?? null,
    json,
  };
}

/** Why a finished task ended as it did, and what became of the others. */
export type TaskFate = "waiting" | "active" | "finished" | "cancelled" | "failed";

export function taskFate(task: TaskView): TaskFate {
  if (task.state === "PENDING") return "waiting";
  if (task.state !== "DONE") return "active";
  if (task.error !== "") return "failed";
  return task.cancelled ? "cancelled" : "finished";
}

/** `org.apache.kafka.trogdor.workload.ProduceBenchSpec` -> `ProduceBench`, for people. */
export function shortClassName(className: string): string {
  const simple = className.slice(className.lastIndexOf(".") + 1);
  return simple.replace(/(?:(?:Task|Fault|Workload)?Spec)$/, "") || simple;
}

export function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

export function numberOf(value: JsonValue | undefined): number {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  return isJsonNumber(value) ? Number(value.text) : 0;
}
