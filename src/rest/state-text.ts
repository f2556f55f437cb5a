// The JSON of task and worker states, exactly as the reference prints them: which member is present
// when, and in which order. States are immutable, so each one's text is made once and kept as long
// as the state lives: a listing of thousands of tasks then only joins texts.

import type { JsonText, SpecData } from "../core/spec-data.ts";
import type { TaskState } from "../core/task-state.ts";
import type { WorkerState } from "../core/worker-state.ts";

/** The spec's text for the reader in question; undefined when that reader cannot know its class. */
export type SpecText = (spec: SpecData) => JsonText | undefined;

/** Makes the text of one state; undefined leaves it out. */
export type StateText<State> = (state: State) => JsonText | undefined;

export interface TaskTextOptions {
  readonly specText: SpecText;
  /** The text of a member `trogdor.merged` for a status, if it has one. */
  readonly merged?: ((status: JsonText) => JsonText | undefined) | undefined;
  /** For listings, which would be many times larger with them. */
  readonly leavesHistogramsOut?: boolean;
}

export function taskTexts(options: TaskTextOptions): StateText<TaskState> {
  return kept((task) => {
    const spec = options.specText(task.spec);
    if (spec === undefined) return undefined;
    const status = task.status === undefined ? "" : statusMember(shownStatus(task.status, options));
    const head = `{"state":"${task.state}","spec":${spec}`;
    switch (task.state) {
      case "PENDING":
        return `${head}${status}}`;
      case "RUNNING":
      case "STOPPING":
        return `${head},"startedMs":${task.startedMs}${status}}`;
      case "DONE": {
        const times = `,"startedMs":${task.startedMs},"doneMs":${task.doneMs}`;
        const cancelled = `,"cancelled":${task.cancelled}`;
        return `${head}${times}${errorMember(task.error)}${cancelled}${status}}`;
      }
    }
  });
}

export function workerTexts(specText: SpecText): StateText<WorkerState> {
  return kept((worker) => {
    const spec = specText(worker.spec);
    if (spec === undefined) return undefined;
    const taskId = worker.taskId === "" ? "" : `,"taskId":${JSON.stringify(worker.taskId)}`;
    const head = `{"state":"${worker.state}"${taskId},"spec":${spec}`;
    switch (worker.state) {
      case "STARTING":
        return `${head}}`;
      case "RUNNING":
      case "STOPPING":
        return `${head},"startedMs":${worker.startedMs}${statusMember(worker.status)}}`;
      case "DONE": {
        const times = `,"startedMs":${worker.startedMs},"doneMs":${worker.doneMs}`;
        return `${head}${times}${statusMember(worker.status)}${errorMember(worker.error)}}`;
      }
    }
  });
}

/** `{"a":{...},"b":{...}}` of named states, without those that the reader cannot know. */
export function stateMap<State>(
  states: Iterable<readonly [string | bigint, State]>,
  textOf: StateText<State>,
): JsonText {
  const members: string[] = [];
  for (const [id, state] of states) {
    const text = textOf(state);
    if (text === undefined) continue;
    members.push(`${typeof id === "bigint" ? `"${id}"` : JSON.stringify(id)}:${text}`);
  }
  return `{${members.join(",")}}`;
}

function kept<State extends object>(make: StateText<State>): StateText<State> {
  const texts = new WeakMap<State, JsonText | null>();
  return (state) => {
    const known = texts.get(state);
    if (known !== undefined) return known ?? undefined;
    const text = make(state);
    texts.set(state, text ?? null);
    return text;
  };
}

/** The reference leaves out an empty object or array here, but not null and not the empty text. */
function statusMember(status: JsonText): string {
  return status === "{}" || status === "[]" ? "" : `,"status":${status}`;
}

function errorMember(error: string): string {
  return error === "" ? "" : `,"error":${JSON.stringify(error)}`;
}

function shownStatus(status: JsonText, options: TaskTextOptions): JsonText {
  if (options.leavesHistogramsOut === true) return withoutHistograms(status);
  return withMerged(status, options);
}

/** Every histogram's text begins so: it is the encoding's cookie. */
const histogram = '"[^"\\\\]*":"HISTF[^"]*"';
const histograms = `"histograms":\\{${histogram}(?:,${histogram})*\\}`;
const histogramsBehind = new RegExp(`,${histograms}`, "g");
const histogramsInFront = new RegExp(`${histograms},?`, "g");

/** On the text, as numbers have to stay as they are. In a text within it the quotes are escaped. */
function withoutHistograms(status: JsonText): JsonText {
  if (!status.includes('"histograms":{')) return status;
  return status.replace(histogramsBehind, "").replace(histogramsInFront, "");
}

function withMerged(status: JsonText, { merged }: TaskTextOptions): JsonText {
  if (merged === undefined || !status.startsWith("{") || status === "{}") return status;
  const text = merged(status);
  return text === undefined ? status : `${status.slice(0, -1)},"trogdor.merged":${text}}`;
}
