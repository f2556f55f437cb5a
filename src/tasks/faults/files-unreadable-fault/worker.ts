// Makes reads below a mount fail. Kibosh reads the errno from `code`, Kafka's Trogdor writes
// `errorCode`: both are written, so that every one of them reads this document.

import { controlFault } from "../../kibosh-control/control-fault.ts";
import type { FilesUnreadableSpec } from "./spec.ts";

export const filesUnreadable = controlFault<FilesUnreadableSpec>({
  mountPath: ({ mountPath }) => mountPath,
  faults({ prefix, errorCode }) {
    const fault = { type: "unreadable", prefix: prefix || "/", code: errorCode, errorCode };
    return [JSON.stringify(fault)];
  },
});
