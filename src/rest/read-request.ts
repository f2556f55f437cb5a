// From the JSON of requests to what the services take, with the reference's coercions and refusals:
// unknown members and wrong types are problems, all reported at once; null and missing mean the
// default.

import * as v from "valibot";
import type { SpecData } from "../core/spec-data.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import type { JsonValue } from "../spec/json.ts";
import { problemLine, readWith } from "../spec/problems.ts";
import type { SpecCatalog } from "../spec/spec-catalog.ts";
import { boolean } from "../spec/types/boolean.ts";
import { field, optionalField } from "../spec/types/field.ts";
import { int64 } from "../spec/types/integer.ts";
import { specObject } from "../spec/types/object.ts";
import { text } from "../spec/types/text.ts";
import type { WorkerRequest } from "./agent-service.ts";

const spec = optionalField(v.unknown(), "The task's spec; its `class` says what it is.");

export const createTaskSchema = specObject({
  id: optionalField(text(), "The task's id; every text but the empty one."),
  spec,
});

export const stopTaskSchema = specObject({
  id: field(text(), "", "The task's id."),
});

export const createWorkerSchema = specObject({
  workerId: field(int64(), 0, "The worker's id, a 64-bit number."),
  taskId: field(text(), "", "The id of the task that the worker belongs to."),
  spec,
});

export const stopWorkerSchema = specObject({
  workerId: field(int64(), 0, "The worker's id."),
});

export const shutdownSchema = specObject({
  stopAgents: field(boolean(), false, "Whether the agents are shut down as well."),
});

export interface CreateTaskRequest {
  readonly id: string;
  readonly spec: SpecData;
}

export function readCreateTask(json: JsonValue, catalog: SpecCatalog): CreateTaskRequest {
  const request = read(createTaskSchema, json);
  if (request.id === undefined) throw missing("id", "the task's id, a text");
  checkText("id", request.id);
  return { id: request.id, spec: readSpec(request.spec, catalog) };
}

export function readStopTask(json: JsonValue): string {
  return read(stopTaskSchema, json).id;
}

export function readCreateWorker(json: JsonValue, catalog: SpecCatalog): WorkerRequest {
  const { workerId, taskId, spec: specJson } = read(createWorkerSchema, json);
  checkText("taskId", taskId);
  return { workerId, taskId, spec: readSpec(specJson, catalog) };
}

export function readStopWorker(json: JsonValue): bigint {
  return read(stopWorkerSchema, json).workerId;
}

/** A missing body is what the Java command line client sends: the agents stay. */
export function readShutdown(json: JsonValue | undefined): boolean {
  return json === undefined ? false : read(shutdownSchema, json).stopAgents;
}

function readSpec(json: unknown, catalog: SpecCatalog): SpecData {
  if (json === undefined) throw missing("spec", "the task's spec, an object");
  return catalog.read(json as JsonValue);
}

/** Half of a surrogate pair cannot be stored, nor asked for by a path or query. */
function checkText(name: string, text: string): void {
  if (text.isWellFormed()) return;
  const problem = { path: name, message: "holds half of a UTF-16 surrogate pair" };
  throw new TrogdorError("invalidRequest", problemLine(problem), { problems: [problem] });
}

function missing(name: string, expected: string): TrogdorError {
  const problem = { path: name, message: `is missing: expected ${expected}` };
  return new TrogdorError("invalidRequest", problemLine(problem), { problems: [problem] });
}

function read<Schema extends v.GenericSchema>(schema: Schema, json: JsonValue) {
  const result = readWith(schema, json);
  if ("output" in result) return result.output;
  const lines = result.problems.map(problemLine).join("; ");
  throw new TrogdorError("invalidRequest", lines, { problems: result.problems });
}
