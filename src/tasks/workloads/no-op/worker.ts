// Does nothing until it is stopped: "active" while it runs, "done" at the end.

import type { Worker } from "../../define-task.ts";
import type { NoOpSpec } from "./spec.ts";

export const noOpWorker: Worker<NoOpSpec> = async (_spec, context) => {
  context.report("active");
  await aborted(context.signal);
  context.report("done");
};

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}
