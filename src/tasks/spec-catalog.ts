// What the daemons know of specs, from the registry: reading them out of requests, their nodes, the
// form that a Java peer reads, and the task type that runs them.

import type { SpecData } from "../core/spec-data.ts";
import { type Problem, TrogdorError } from "../core/trogdor-error.ts";
import { isJsonObject, type JsonValue, parseJson } from "../spec/json.ts";
import type { SpecCatalog } from "../spec/spec-catalog.ts";
import { readText } from "../spec/types/text.ts";
import type { TaskSpec } from "./define-task.ts";
import { findTaskType, unknownTaskType } from "./find-task-type.ts";
import {
  canonicalTaskSpec,
  checkTaskSpec,
  type ParsedTaskSpec,
  readTaskSpec,
  referenceTaskSpec,
} from "./parse-task-spec.ts";

export interface TaskCatalog extends SpecCatalog {
  /** The task type and its own form of the spec. */
  parsed(spec: SpecData): ParsedTaskSpec;
  /** What would keep the task from doing what its spec asks; empty when it can start. */
  problems(spec: SpecData): Promise<readonly Problem[]>;
  /** True when the spec says what command to run: not everybody may ask for that. */
  runsCommand(spec: SpecData): boolean;
}

const referencePackage = "org.apache.kafka.trogdor.";
const referenceBaseClass = `${referencePackage}task.TaskSpec`;
const commandClass = `${referencePackage}workload.ExternalCommandSpec`;

export const specCatalog: TaskCatalog = createSpecCatalog();

function createSpecCatalog(): TaskCatalog {
  /** Not kept: ten thousand tasks would hold ten thousand parsed specs. */
  const parsed = (spec: SpecData) => readTaskSpec(parseJson(spec.text));
  return {
    read(json) {
      checkClass(json);
      return specData(readTaskSpec(json));
    },
    targetNodes(spec, topology) {
      const { taskType, spec: own } = parsed(spec);
      return taskType.targetNodes(own, topology);
    },
    javaForm(spec) {
      if (!spec.className.startsWith(referencePackage)) return undefined;
      const { taskType, spec: own } = parsed(spec);
      const leftOut: string[] = [];
      return { text: referenceTaskSpec(taskType, own, leftOut), leftOut };
    },
    parsed,
    async problems(spec) {
      const { taskType, spec: own } = parsed(spec);
      return await checkTaskSpec(taskType, own);
    },
    runsCommand(spec) {
      if (spec.className === commandClass) return true;
      const { taskType, spec: own } = parsed(spec);
      return taskType.runsCommand?.(own) ?? false;
    },
  };
}

function specData({ taskType, spec }: ParsedTaskSpec): SpecData {
  const { startMs, durationMs } = spec as TaskSpec;
  return {
    className: taskType.className,
    startMs,
    durationMs,
    text: canonicalTaskSpec(taskType, spec),
  };
}

/** The reference tells a class that it does not know from every other mistake. */
function checkClass(json: JsonValue): void {
  const found = isJsonObject(json) ? (json["class"] ?? null) : null;
  const name = readText(found);
  if (name === referenceBaseClass) {
    throw new TrogdorError("spec", `class: ${name} is abstract; expected one of its subclasses`);
  }
  if (typeof name !== "string" || name === "") {
    throw new TrogdorError("unknownClass", "class: is missing; expected the task's type");
  }
  if (findTaskType(name) === undefined) {
    throw new TrogdorError("unknownClass", `class: ${unknownTaskType(name)}`);
  }
}
