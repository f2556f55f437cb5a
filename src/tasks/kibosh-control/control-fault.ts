// A fault that stands in the control file of a mount: what FilesUnreadableFault and KiboshFault
// have in common.

import { TrogdorError } from "../../core/trogdor-error.ts";
import { type AnyFault, defineFault } from "../define-fault.ts";
import {
  addFaults,
  controlProblem,
  type MountFaults,
  missingControl,
  mountStatus,
  normalMount,
  removeFaults,
  standingFaults,
} from "./control-file.ts";
import { watchFaults } from "./watch-faults.ts";

export interface ControlFaultParts<Spec> {
  mountPath(spec: Spec): string;
  /** Each as compact JSON. */
  faults(spec: Spec): readonly string[];
  /** When, from the moment they are in force, all that is not synced is lost. */
  crashAfterMs?(spec: Spec): number | undefined;
}

interface Plan extends MountFaults {
  readonly crashAfterMs?: number;
}

export function controlFault<Spec>(parts: ControlFaultParts<Spec>): AnyFault {
  return defineFault<Spec, Plan>({
    async plan(spec, context) {
      const mount = normalMount(parts.mountPath(spec));
      const faults = parts.faults(spec);
      const standing = await standingFaults(mount, context);
      if (standing === undefined) throw new TrogdorError("task", missingControl(mount));
      const twice = faults.filter((fault) => standing.includes(fault));
      if (twice.length > 0) {
        const message = `${mount} has this fault already: ${twice.join(", ")}; end that one first`;
        throw new TrogdorError("task", message);
      }
      const instance = (await mountStatus(mount, context))?.instance;
      const crashAfterMs = parts.crashAfterMs?.(spec);
      return {
        mount,
        faults,
        ...(instance === undefined ? {} : { instance }),
        ...(crashAfterMs === undefined ? {} : { crashAfterMs }),
      };
    },
    steps: ({ mount, faults, crashAfterMs }) => ({
      targets: [`files below ${mount}`],
      apply: [
        ...faults.map((fault) => `add ${fault} to ${mount}/kibosh_control`),
        ...(crashAfterMs === undefined
          ? []
          : [`${crashAfterMs} ms later: lose what is tracked below ${mount} and not synced`]),
      ],
      undo: faults.map((fault) => `remove ${fault} from ${mount}/kibosh_control`),
    }),
    apply: addFaults,
    probe: controlProblem,
    isProbedAtEnd: true,
    during: (plan, node, action) => watchFaults(plan, node, action),
    undo: removeFaults,
    words: {
      applying: (_spec, taskId) => `Adding fault ${taskId}`,
      applied: (_spec, taskId) => `Added fault ${taskId}`,
      undoing: (_spec, taskId) => `Removing fault ${taskId}`,
      undone: (_spec, taskId) => `Removed fault ${taskId}`,
    },
  });
}
