// Puts any faults of the fault file system into force on a mount.

import { controlFault } from "../../kibosh-control/control-fault.ts";
import { faultTexts, type KiboshSpec } from "./spec.ts";

export const kibosh = controlFault<KiboshSpec>({
  mountPath: ({ mountPath }) => mountPath,
  faults: faultTexts,
  crashAfterMs: ({ crashAfterMs }) => crashAfterMs,
});
