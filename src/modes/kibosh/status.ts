// `trogdor kibosh status`: what is in force and how often it was hit.

import { readStatus } from "../../../kibosh/mounted.ts";
import type { MountStatus } from "../../../kibosh/status.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { mountOf, mountOperand } from "./mount-host.ts";
import { operationRows, tableText } from "./status-table.ts";

export const statusVerb: Command = {
  name: "status",
  summary: "Show a mount's faults, how often each was hit, and its operations.",
  operand: mountOperand,
  options: [{ name: "json", description: "Print the status as JSON." }],
  examples: [
    { line: "trogdor kibosh status /mnt/data", does: "show it" },
    { line: "trogdor kibosh status /mnt/data --json", does: "the same for a program" },
  ],
  async run(line, host) {
    const status = await readStatus(mountOf(line));
    host.out.write(line.has("json") ? `${JSON.stringify(status)}\n` : statusText(status));
    return exitCodes.success.code;
  },
};

function statusText(status: MountStatus): string {
  const lines = [
    `${status.mountpoint} shows ${status.target}, process ${status.pid}, seed ${status.seed}`,
    `${status.handles} open files, ${status.delayed} operations held up`,
  ];
  if (!status.directIo) {
    lines.push("pages are cached: counted faults take full effect on files opened after them");
  }
  if (status.controlError !== "") lines.push(`last document refused: ${status.controlError}`);
  if (status.warnings !== "") lines.push(`warning: ${status.warnings}`);
  if (status.faults.length === 0) lines.push("no faults");
  for (const [index, { matched, applied, fault }] of status.faults.entries()) {
    lines.push(`fault ${index}: ${matched} matched, ${applied} applied: ${JSON.stringify(fault)}`);
  }
  return `${lines.join("\n")}\n${tableText(operationRows(status.operations))}`;
}
