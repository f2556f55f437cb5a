// Reads the status of ProduceBench for a progress line.

import type { Progress, StatusJson } from "../../define-task.ts";
import type { ProduceBenchSpec } from "./spec.ts";

/** A text while topics are made, an object of figures afterwards. */
export function produceBenchProgress(status: StatusJson, spec: ProduceBenchSpec): Progress {
  const total = Number(spec.maxMessages);
  if (typeof status === "string") return { phase: status, total };
  if (!isObject(status)) return { total };
  const corrected = member(member(status, "latencyUs"), "corrected");
  return {
    total,
    ...figure("done", status["totalSent"]),
    ...figure("ratePerSec", status["achievedMessagesPerSec"]),
    ...figure("intendedPerSec", status["intendedMessagesPerSec"]),
    ...figure("bytesPerSec", status["bytesPerSec"]),
    ...figure("p50Us", corrected["p50"]),
    ...figure("p99Us", corrected["p99"]),
    ...figure("errors", status["failed"]),
  };
}

type StatusObject = { readonly [key: string]: StatusJson };

function isObject(status: StatusJson | undefined): status is StatusObject {
  return typeof status === "object" && status !== null && !Array.isArray(status);
}

function member(status: StatusObject, name: string): StatusObject {
  const value = status[name];
  return isObject(value) ? value : {};
}

function figure(name: keyof Progress, value: StatusJson | undefined): Progress {
  if (typeof value !== "number" && typeof value !== "bigint") return {};
  return { [name]: Number(value) };
}
