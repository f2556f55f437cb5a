// The tc commands of a degraded device, and what the kernel says about its queueing discipline.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { Commands } from "../../../platform/commands/commands.ts";
import { mustRunAsRoot } from "../../network-rules/run-command.ts";

/** Plain JSON: it stands in the plan. */
export interface DegradedDevice {
  readonly device: string;
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly duplicatePercent: number;
  readonly rateLimitKbit: number;
}

interface Qdisc {
  readonly kind: string;
  readonly handle: string;
  readonly root?: boolean;
  readonly options?: {
    readonly rate?: number;
    readonly delay?: { readonly delay: number };
    /** A share. */
    readonly duplicate?: { readonly duplicate: number };
  };
}

const handle = "1:";
const bytesPerSecOfKbit = 125;

/** As the reference has them. */
export function applyCommands(degraded: DegradedDevice): string[][] {
  const { device, rateLimitKbit } = degraded;
  const add = ["tc", "qdisc", "add", "dev", device];
  const root = [...add, "root", "handle", "1:0"];
  const limit = ["tbf", "rate", `${rateLimitKbit}kbit`, "burst", "1mbit", "latency", "500ms"];
  if (!needsNetem(degraded)) return [[...root, ...limit]];
  const netem = [...root, "netem", ...netemOptions(degraded)];
  const behind = [...add, "parent", "1:1", "handle", "10:", ...limit];
  return rateLimitKbit === 0 ? [netem] : [netem, behind];
}

type NetemPart = Pick<DegradedDevice, "latencyMs" | "jitterMs" | "duplicatePercent">;

export function needsNetem({ latencyMs, duplicatePercent }: NetemPart): boolean {
  return latencyMs > 0 || duplicatePercent > 0;
}

function netemOptions({ latencyMs, jitterMs, duplicatePercent }: NetemPart): string[] {
  const delay = ["delay", `${latencyMs}ms`, `${jitterMs}ms`, "distribution", "paretonormal"];
  return [
    ...(latencyMs === 0 ? [] : delay),
    ...(duplicatePercent === 0 ? [] : ["duplicate", `${duplicatePercent}%`]),
  ];
}

/** As the reference has it. */
export function jitterOf(latencyMs: number): number {
  return latencyMs === 0 ? 0 : Math.max(1, Math.floor(Math.sqrt(latencyMs)));
}

export function undoCommand({ device }: DegradedDevice): string[] {
  return ["tc", "qdisc", "del", "dev", device, "root"];
}

export async function degrade(degraded: DegradedDevice, commands: Commands): Promise<void> {
  for (const command of applyCommands(degraded)) {
    try {
      await mustRunAsRoot(commands, command);
    } catch (error) {
      if (!/qdisc kind is unknown/.test(String(error))) throw error;
      const what = command.includes("netem")
        ? "netem (latencyMs, duplicatePercent)"
        : "tbf (rateLimitKbit)";
      const message = `${degraded.device}: this node's kernel has no ${what}, or may not load it`;
      throw new TrogdorError("task", message, { cause: error });
    }
  }
}

/** Removes our discipline; another one, or a device that has vanished, is left alone. */
export async function restore(degraded: DegradedDevice, commands: Commands): Promise<void> {
  const root = await rootQdisc(degraded.device, commands);
  if (root?.handle !== handle || root.kind !== kindOf(degraded)) return;
  await mustRunAsRoot(commands, undoCommand(degraded));
}

/** "" when the device is degraded as asked, else what was expected and what was seen. */
export async function degradeProblem(wanted: DegradedDevice, commands: Commands): Promise<string> {
  const { device, latencyMs, duplicatePercent, rateLimitKbit } = wanted;
  const all = await qdiscsOf(device, commands);
  const expected = `expected ${kindOf(wanted)} as the root of ${device}`;
  if (all === undefined) return `${expected}, but there is no such device any more`;
  const root = all.find((qdisc) => qdisc.root === true);
  if (root?.kind !== kindOf(wanted) || root.handle !== handle) {
    return `${expected}, found ${root?.kind ?? "nothing"}`;
  }
  const delayMs = (root.options?.delay?.delay ?? 0) * 1000;
  if (latencyMs > 0 && Math.abs(delayMs - latencyMs) > 0.5) {
    return `expected a delay of ${latencyMs} ms on ${device}, found ${delayMs} ms`;
  }
  const foundPercent = (root.options?.duplicate?.duplicate ?? 0) * 100;
  if (Math.abs(foundPercent - duplicatePercent) > 0.01) {
    return `expected ${duplicatePercent} % twice on ${device}, found ${foundPercent} %`;
  }
  if (rateLimitKbit === 0) return "";
  const limit = all.find((qdisc) => qdisc.kind === "tbf");
  const rateKbit = (limit?.options?.rate ?? 0) / bytesPerSecOfKbit;
  if (rateKbit === rateLimitKbit) return "";
  return `expected a limit of ${rateLimitKbit} kbit/s on ${device}, found ${rateKbit} kbit/s`;
}

/** Throws when the device cannot be degraded: it is not there, or has a discipline of its own. */
export async function checkDevice(device: string, commands: Commands): Promise<void> {
  const all = await qdiscsOf(device, commands);
  if (all === undefined) {
    const others = (await devicesOf(commands)).join(", ");
    const message = `networkDevice: Cannot find device "${device}"; this node has ${others}`;
    throw new TrogdorError("task", message);
  }
  const root = all.find((qdisc) => qdisc.root === true);
  // A device that is down shows none; handle 0 is the kernel's own choice.
  if (root === undefined || root.handle === "0:") return;
  throw new TrogdorError(
    "task",
    `${device} has the queueing discipline ${root.kind} ${root.handle} already: another fault's, ` +
      "or one that an administrator set; degrading it would take that away",
  );
}

/** Every device but loopback, up or down. */
export async function devicesOf(commands: Commands): Promise<string[]> {
  const output = await mustRunAsRoot(commands, ["ip", "-j", "link", "show"]);
  const links = JSON.parse(output) as { ifname: string; flags: string[] }[];
  return links.filter((link) => !link.flags.includes("LOOPBACK")).map((link) => link.ifname);
}

function kindOf(degraded: DegradedDevice): string {
  return needsNetem(degraded) ? "netem" : "tbf";
}

async function rootQdisc(device: string, commands: Commands): Promise<Qdisc | undefined> {
  return (await qdiscsOf(device, commands))?.find((qdisc) => qdisc.root === true);
}

/** Undefined when there is no such device. */
async function qdiscsOf(device: string, commands: Commands): Promise<Qdisc[] | undefined> {
  try {
    const output = await mustRunAsRoot(commands, ["tc", "-j", "qdisc", "show", "dev", device]);
    return JSON.parse(output) as Qdisc[];
  } catch (error) {
    if (/Cannot find device/.test(String(error))) return undefined;
    throw error;
  }
}
