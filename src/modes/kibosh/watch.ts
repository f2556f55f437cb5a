// `trogdor kibosh watch`: what happens in a mount, second by second, until Ctrl-C.

import { readStatus } from "../../../kibosh/mounted.ts";
import type { MountStatus } from "../../../kibosh/status.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ModeHost } from "../mode-host.ts";
import { mountOf, mountOperand } from "./mount-host.ts";
import { operationRows, operationsSince, tableText } from "./status-table.ts";

export const watchVerb: Command = {
  name: "watch",
  summary: "Show the operations, faults hit and latencies of each interval, until Ctrl-C.",
  operand: mountOperand,
  options: [
    { name: "interval", value: "SEC", description: "Seconds between reports; 1 unless given." },
    { name: "json", description: "Print each report as a line of JSON." },
  ],
  examples: [{ line: "trogdor kibosh watch /mnt/data", does: "watch it" }],
  async run(line, host) {
    const intervalSec = Number(line.value("interval") ?? "1");
    if (!(intervalSec >= 0.1 && intervalSec <= 3600)) {
      throw new TrogdorError("usage", "--interval: expected a number of seconds from 0.1 to 3600");
    }
    await watch(mountOf(line), intervalSec * 1000, line.has("json"), host);
    return exitCodes.success.code;
  },
};

async function watch(
  mountpoint: string,
  intervalMs: number,
  asJson: boolean,
  host: ModeHost,
): Promise<void> {
  let isStopped = false;
  let wake = () => {};
  const stopListening = host.onStopSignal(() => {
    isStopped = true;
    wake();
  });
  let before = await readStatus(mountpoint);
  while (!isStopped) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (isStopped) break;
    const now = await readStatus(mountpoint);
    host.out.write(asJson ? `${JSON.stringify(now)}\n` : report(now, before));
    before = now;
  }
  stopListening();
}

function report(now: MountStatus, before: MountStatus): string {
  const isSame = now.instance === before.instance;
  const operations = isSame ? operationsSince(now.operations, before.operations) : now.operations;
  const hits = now.faults.map((fault, index) => {
    const old = now.generation === before.generation && isSame ? before.faults[index] : undefined;
    return `fault ${index} ${fault.type}: ${fault.applied - (old?.applied ?? 0)} applied`;
  });
  const notes = [
    ...(isSame ? [] : ["the file system was started again: it has no faults"]),
    `${now.delayed} held up`,
    ...hits,
  ];
  return `--- ${notes.join("; ")}\n${tableText(operationRows(operations))}`;
}
