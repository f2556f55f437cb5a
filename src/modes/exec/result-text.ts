// A task's result as a person reads it: figures with their units in columns, tables, lists, notes.

import type { ResultFigure, ResultTable, ResultUnit, TaskResult } from "../../tasks/task-result.ts";
import { wrap } from "../wrap.ts";
import { bytesText, countText, microsText, millisText } from "./quantities.ts";

const indent = "  ";
/** Notes are read more easily in lines that are not as wide as the screen. */
const noteWidth = 78;

export function resultText({ figures, tables, lists, notes }: TaskResult): string {
  const blocks = [
    figureLines(figures),
    ...tables.map(tableLines),
    ...lists
      .filter(({ lines }) => lines.length > 0)
      .map(({ title, lines }) => [title, ...lines.map((line) => indent + line)]),
    ...notes.map((note) => wrap(note, noteWidth)),
  ];
  return blocks
    .map((lines) => lines.map((line) => `${indent}${line}`.trimEnd()))
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

/** Labels and units to the left, numbers to the right. */
function figureLines(figures: readonly ResultFigure[]): string[] {
  const rows = figures.map((figure) => {
    const { number, unit } = quantity(figure.value, figure.unit);
    return { label: figure.label, number, unit, remark: remark(figure) };
  });
  const widthOf = (key: "label" | "number" | "unit") =>
    Math.max(0, ...rows.map((row) => row[key].length));
  const widths = { label: widthOf("label"), number: widthOf("number"), unit: widthOf("unit") };
  return rows.map(({ label, number, unit, remark: text }) =>
    [
      label.padEnd(widths.label),
      ` ${number.padStart(widths.number)}`,
      unit.padEnd(widths.unit),
      text === "" ? "" : ` ${text}`,
    ].join(" "),
  );
}

function remark({ of: wanted, unit, remark: text }: ResultFigure): string {
  const parts = wanted === undefined ? [] : [`of ${quantity(wanted, unit).number}`];
  if (text !== undefined) parts.push(text);
  return parts.join("; ");
}

/** One unit for the whole table, so that its numbers can be compared at a glance. */
function tableLines({ title, columns, rows, unit }: ResultTable): string[] {
  const isTime = unit === "us";
  const cellText = isTime ? millisText : countText;
  const grid = [
    [`${title}, ${isTime ? "ms" : unit}`, ...columns],
    ...rows.map(({ label, values }) => [
      label,
      ...values.map((value) => (value === undefined ? "" : cellText(value))),
    ]),
  ];
  const widths = grid[0]!.map((_, index) => Math.max(...grid.map((row) => row[index]!.length)));
  return grid.map((row) =>
    row
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!),
      )
      .join("  "),
  );
}

function quantity(value: number, unit: ResultUnit): { number: string; unit: string } {
  switch (unit) {
    case "us":
      return split(microsText(value));
    case "bytes":
      return split(bytesText(value));
    case "bytes/s":
      return split(`${bytesText(value)}/s`);
    default:
      return { number: countText(value), unit };
  }
}

function split(text: string): { number: string; unit: string } {
  const [number = "", unit = ""] = text.split(" ");
  return { number, unit };
}
