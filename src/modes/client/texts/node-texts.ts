// The table of a coordinator's agents. Pure.

import type { NodeState } from "../../../rest/coordinator-extras.ts";
import { fittedGridText } from "./grid.ts";
import { durationText } from "./java-time.ts";
import type { TerminalStyle } from "./task-texts.ts";

/** Wide enough for everything in a pipe. */
const plainWidth = 10_000;

const heads = ["NODE", "ADDRESS", "STATE", "VERSION", "WORKERS", "CLOCK", "ERROR"];

export function nodeTableText(
  nodes: readonly NodeState[],
  nowMs: number,
  style: TerminalStyle | undefined,
): string {
  if (nodes.length === 0) return "No agents.\n";
  return fittedGridText({
    rows: [heads, ...nodes.map((node) => nodeRow(node, nowMs))],
    width: style?.width ?? plainWidth,
    paint: (text, row, column) => {
      const node = nodes[row - 1];
      if (style === undefined || node === undefined || column !== 2) return text;
      return style.paint(text, node.error === "" ? "green" : "red");
    },
  });
}

function nodeRow(node: NodeState, nowMs: number): string[] {
  return [
    node.node,
    `${node.hostname}:${node.port}`,
    stateText(node, nowMs),
    node.version ?? (node.isOurs === false ? "Java" : "-"),
    String(node.workers),
    clockText(node.clockOffsetMs),
    node.error,
  ];
}

function stateText({ error, lastAnswerMs, lastPollMs }: NodeState, nowMs: number): string {
  if (error === "") return lastPollMs === undefined ? "not asked yet" : "up";
  if (lastAnswerMs === undefined) return "never answered";
  return `silent for ${durationText(nowMs - lastAnswerMs)}`;
}

function clockText(offsetMs: number | undefined): string {
  if (offsetMs === undefined) return "-";
  const rounded = Math.round(offsetMs);
  return rounded > 0 ? `+${rounded} ms` : `${rounded} ms`;
}
