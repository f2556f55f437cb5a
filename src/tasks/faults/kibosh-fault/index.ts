// KiboshFault: any fault of the fault file system, on a mount.

import type { Problem } from "../../../core/trogdor-error.ts";
import { defineNodeFault } from "../../node-fault.ts";
import { CLASS_NAME, faultTexts, type KiboshSpec, kiboshSchema, SHORT_NAME } from "./spec.ts";

export const kiboshFault = defineNodeFault({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  summary: "Delays, fails or corrupts file operations (Kibosh).",
  schema: kiboshSchema,
  check: problemsOf,
  loadFault: async () => (await import("./worker.ts")).kibosh,
});

async function problemsOf(spec: KiboshSpec): Promise<Problem[]> {
  const { controlDocumentProblems } = await import("../../../../kibosh/control-document.ts");
  const problems: Problem[] = [];
  const { mountPath, crashAfterMs, durationMs } = spec;
  if (!mountPath.startsWith("/")) {
    const message = `expected the whole path of a mount, such as /mnt/kibosh, found "${mountPath}"`;
    problems.push({ path: "mountPath", message });
  }
  if (crashAfterMs !== undefined && (crashAfterMs < 0 || crashAfterMs >= durationMs)) {
    const message = `expected 0 or more and less than durationMs, found ${crashAfterMs}`;
    problems.push({ path: "crashAfterMs", message });
  }
  const faults = faultTexts(spec);
  if (faults.length === 0) {
    const message = 'expected a list of faults, such as [{"type": "unreadable", "code": 5}]';
    problems.push({ path: "faults", message });
  }
  return [...problems, ...controlDocumentProblems(`{"faults":[${faults.join(",")}]}`)];
}
