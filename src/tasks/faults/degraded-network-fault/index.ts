// DegradedNetworkFault: delays or slows down what leaves a node.

import type { Problem } from "../../../core/trogdor-error.ts";
import { defineTask } from "../../define-task.ts";
import { faultProgress } from "../../fault-progress.ts";
import { faultWorker } from "../../fault-runner.ts";
import {
  CLASS_NAME,
  type DegradedNetworkSpec,
  degradedNetworkSchema,
  degradeProblems,
  SHORT_NAME,
} from "./spec.ts";

const loadFault = async () => (await import("./worker.ts")).degradedNetwork;

export const degradedNetworkFault = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "fault",
  summary: "Delays or slows down what leaves a node (tc).",
  schema: degradedNetworkSchema,
  targetNodes: (spec) => [...spec.nodeSpecs.keys()].sort(),
  check: problemsOf,
  loadWorker: async () => faultWorker(loadFault),
  loadFault,
  progress: faultProgress,
});

function problemsOf({ nodeSpecs }: DegradedNetworkSpec): Problem[] {
  if (nodeSpecs.size === 0) return [{ path: "nodeSpecs", message: "No node names specified." }];
  return [...nodeSpecs].flatMap(([node, spec]) =>
    degradeProblems(spec).map((message) => ({ path: `nodeSpecs.${node}`, message })),
  );
}
