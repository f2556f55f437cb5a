// One line that says how a running task is doing, fitted to a width: when it is too long the least
// important parts go first.

import type { Progress } from "../../tasks/define-task.ts";
import { bytesText, elapsedText, microsText, shortCountText } from "./quantities.ts";

export interface ProgressMoment {
  readonly progress: Progress;
  readonly elapsedMs: number;
  /** Until durationMs is over. */
  readonly remainingMs: number;
  /** The task was told to stop: there is no end to foresee, only answers to wait for. */
  readonly isStopping: boolean;
}

interface Part {
  readonly text: string;
  /** Parts with a higher number are dropped earlier. */
  readonly rank: number;
}

export function progressLine(moment: ProgressMoment, width: number): string {
  let parts = lineParts(moment);
  while (parts.length > 1 && joined(parts).length > width) {
    const last = Math.max(...parts.map((part) => part.rank));
    parts = parts.filter((part) => part.rank !== last);
  }
  return joined(parts).slice(0, Math.max(0, width));
}

function joined(parts: readonly Part[]): string {
  return parts.map((part) => part.text).join("  ");
}

function lineParts(moment: ProgressMoment): Part[] {
  const { progress, elapsedMs } = moment;
  const parts: Part[] = [{ text: elapsedText(elapsedMs), rank: 0 }];
  const add = (rank: number, text: string | undefined) => {
    if (text !== undefined) parts.push({ text, rank });
  };
  add(8, progress.phase);
  add(1, doneText(progress));
  add(2, rateText(progress));
  add(6, progress.bytesPerSec === undefined ? undefined : `${bytesText(progress.bytesPerSec)}/s`);
  add(4, latencyText(progress));
  add(3, errorsText(progress));
  add(moment.isStopping ? 2 : 5, moment.isStopping ? "stopping" : `ETA ${etaText(moment)}`);
  return parts;
}

function doneText({ done, total }: Progress): string | undefined {
  if (done === undefined) return undefined;
  if (total === undefined || total <= 0) return `${shortCountText(done)} sent`;
  const percent = Math.floor((done / total) * 100);
  return `${shortCountText(done)}/${shortCountText(total)} (${percent}%)`;
}

function rateText({ ratePerSec, intendedPerSec }: Progress): string | undefined {
  if (ratePerSec === undefined) return undefined;
  const intended = intendedPerSec === undefined ? "" : ` of ${shortCountText(intendedPerSec)}`;
  return `${shortCountText(ratePerSec)}${intended} msg/s`;
}

function latencyText({ p50Us, p99Us }: Progress): string | undefined {
  if (p50Us === undefined || p99Us === undefined) return undefined;
  return `p50 ${microsText(p50Us)} p99 ${microsText(p99Us)}`;
}

function errorsText({ errors }: Progress): string | undefined {
  if (errors === undefined) return undefined;
  return errors === 1 ? "1 error" : `${shortCountText(errors)} errors`;
}

/** By the rate so far, failures included, but never later than the end of durationMs. */
function etaText({ progress, elapsedMs, remainingMs }: ProgressMoment): string {
  const { done, total, ratePerSec = 0 } = progress;
  const endMs = Math.max(0, remainingMs);
  if (done === undefined || total === undefined) return elapsedText(endMs);
  const donePerSec = Math.max(ratePerSec, elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0);
  const leftMs = donePerSec > 0 ? (Math.max(0, total - done) / donePerSec) * 1000 : endMs;
  return elapsedText(Math.min(endMs, leftMs));
}
