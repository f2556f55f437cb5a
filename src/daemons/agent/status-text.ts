// A worker's status as text, with its histograms as member `histograms` when the status is an
// object. Reports that come in one go make one text, of a bounded size.

import type { JsonText } from "../../core/spec-data.ts";
import { printCompact } from "../../spec/print.ts";
import type { StatusJson } from "../../tasks/define-task.ts";

/** A status goes with every poll; a larger one is replaced by a sentence. */
export const statusLengthMax = 1024 * 1024;

export interface StatusText {
  report(status: StatusJson): void;
  histogram(name: string, encodedBase64: string): void;
  /** Tells now what was not told yet. */
  flush(): void;
}

export function createStatusText(tell: (text: JsonText) => void): StatusText {
  const histograms = new Map<string, string>();
  let status: StatusJson = null;
  let isWaiting = false;

  function flush(): void {
    if (!isWaiting) return;
    isWaiting = false;
    const text = printCompact(withHistograms(status, histograms));
    tell(text.length > statusLengthMax ? tooLong(text.length) : text);
  }

  function wait(): void {
    if (isWaiting) return;
    isWaiting = true;
    queueMicrotask(flush);
  }

  return {
    report(next) {
      status = next;
      wait();
    },
    histogram(name, encodedBase64) {
      histograms.set(name, encodedBase64);
      wait();
    },
    flush,
  };
}

function withHistograms(status: StatusJson, histograms: ReadonlyMap<string, string>): StatusJson {
  const isObject = typeof status === "object" && status !== null && !Array.isArray(status);
  if (!isObject || histograms.size === 0) return status;
  return { ...status, histograms: Object.fromEntries(histograms) };
}

function tooLong(length: number): JsonText {
  const text = `the status has ${length} characters, at most ${statusLengthMax} are kept`;
  return JSON.stringify(text);
}
