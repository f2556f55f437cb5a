// FilesUnreadableFault: reads of files below a mount of the fault file system fail.

import type { Problem } from "../../../core/trogdor-error.ts";
import { defineNodeFault } from "../../node-fault.ts";
import { CLASS_NAME, type FilesUnreadableSpec, filesUnreadableSchema, SHORT_NAME } from "./spec.ts";

const errnoMax = 511;

export const filesUnreadableFault = defineNodeFault({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  summary: "Makes reads of files fail (Kibosh).",
  schema: filesUnreadableSchema,
  check: problemsOf,
  loadFault: async () => (await import("./worker.ts")).filesUnreadable,
});

function problemsOf({ mountPath, errorCode }: FilesUnreadableSpec): Problem[] {
  const problems: Problem[] = [];
  if (!mountPath.startsWith("/")) {
    const message = `expected the whole path of a mount, such as /mnt/kibosh, found "${mountPath}"`;
    problems.push({ path: "mountPath", message });
  }
  if (Math.abs(errorCode) < 1 || Math.abs(errorCode) > errnoMax) {
    const message = `expected an errno from 1 to ${errnoMax}, such as 5 (EIO), found ${errorCode}`;
    problems.push({ path: "errorCode", message });
  }
  return problems;
}
