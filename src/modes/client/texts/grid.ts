// Tables: the reference's grid, byte for byte, and the one for a terminal, cut to its width. Pure.

/**
 * Each column is as wide as its longest cell and one blank, so every line ends in at least one.
 * The rows include the headings.
 */
export function gridText(rows: readonly (readonly string[])[]): string {
  const widths = columnWidths(rows);
  return rows
    .map((row) => `${row.map((cell, index) => cell.padEnd(widths[index]! + 1)).join("")}\n`)
    .join("");
}

export interface FittedGrid {
  readonly rows: readonly (readonly string[])[];
  readonly width: number;
  /** Gives a cell its colour once it has its final length. */
  paint?(text: string, row: number, column: number): string;
}

/** Two blanks between columns; the last ones are cut, with an ellipsis, in a line too long. */
export function fittedGridText({ rows, width, paint }: FittedGrid): string {
  const widths = fittedWidths(columnWidths(rows), width);
  return rows
    .map((row, rowIndex) => {
      const cells = row.map((cell, column) => {
        const text = cutTo(oneLine(cell), widths[column]!);
        const isLast = column === row.length - 1;
        const blanks = isLast ? "" : " ".repeat(widths[column]! - text.length);
        return `${paint?.(text, rowIndex, column) ?? text}${blanks}`;
      });
      return `${cells.join("  ").trimEnd()}\n`;
    })
    .join("");
}

export function cutTo(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 1 ? text.slice(0, Math.max(0, width)) : `${text.slice(0, width - 1)}…`;
}

/** Error texts may hold lines, and control characters that would disturb a terminal. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

/** The last column gives way first, down to a width that still says something. */
function fittedWidths(widths: readonly number[], width: number): number[] {
  const fitted = [...widths];
  const narrowest = 8;
  for (let column = fitted.length - 1; column >= 0; column -= 1) {
    const total = fitted.reduce((sum, each) => sum + each, 0) + 2 * (fitted.length - 1);
    if (total <= width) break;
    fitted[column] = Math.max(
      Math.min(narrowest, fitted[column]!),
      fitted[column]! - total + width,
    );
  }
  return fitted;
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, index) =>
    rows.reduce((widest, row) => Math.max(widest, row[index]?.length ?? 0), 0),
  );
}
