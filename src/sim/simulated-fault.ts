// A fault in the simulation: it notes its worker in the kernel of the simulated machine. The real
// fault runner runs it, with a journal on a simulated disk. The kernel forgets everything in a
// power cut; a killed agent leaves what it changed, and its successor undoes what the journal has.

import type { SimulatedDisk } from "../platform/store/simulated-store.ts";
import type { Store } from "../platform/store/store.ts";
import type { UndoJournal, UndoOwner } from "../platform/undo-journal/undo-journal.ts";
import { type AnyFault, defineFault, type FaultNode } from "../tasks/define-fault.ts";
import type { FaultHost } from "../tasks/define-task.ts";

/** The faults in force on a machine, by worker; true for one that survives a power cut. */
export type SimulatedKernel = Map<bigint, boolean>;

/** What a power cut leaves of them: what was changed on a disk, for example. */
export function rebootKernel(kernel: SimulatedKernel): void {
  for (const [workerId, survives] of [...kernel]) {
    if (!survives) kernel.delete(workerId);
  }
}

interface Plan {
  readonly workerId: string;
}

const words = {
  applying: () => "applying",
  applied: () => "applied",
  undoing: () => "undoing",
  undone: () => "undone",
};

export function simulatedFault(kernel: SimulatedKernel): AnyFault {
  return defineFault<unknown, Plan>({
    plan: async (_spec, { workerId }) => ({ workerId: String(workerId) }),
    steps: () => ({ targets: [], apply: [], undo: [] }),
    async apply({ workerId }) {
      kernel.set(BigInt(workerId), BigInt(workerId) % 2n === 0n);
    },
    probe: async ({ workerId }) => (kernel.has(BigInt(workerId)) ? "" : "it is gone"),
    async undo({ workerId }) {
      kernel.delete(BigInt(workerId));
    },
    words,
  });
}

export interface SimulatedFaultHost extends FaultHost {
  /** Before the agent serves: what its predecessor left. */
  undoLeftovers(): Promise<void>;
}

export interface SimulatedFaultHostOptions {
  readonly disk: SimulatedDisk;
  readonly kernel: SimulatedKernel;
  /** The planted bug: nobody waits for the journal. */
  readonly forgetsToWait: boolean;
  nowUs(): number;
}

export function simulatedFaultHost(options: SimulatedFaultHostOptions): SimulatedFaultHost {
  const store = options.disk.open();
  const journal = storedJournal(store, options.forgetsToWait);
  const fault = simulatedFault(options.kernel);
  const node = {} as FaultNode;
  return {
    node,
    journal,
    bootTimeUs: options.nowUs,
    async undoLeftovers() {
      for (const entry of await journal.entries()) {
        await fault.undo(JSON.parse(entry.plan), node);
        await journal.remove(entry.id);
      }
    },
  };
}

const owner: UndoOwner = { bootId: "", networkNamespace: "", pid: 1, startTicks: 1 };

function storedJournal(store: Store, forgetsToWait: boolean): UndoJournal {
  return {
    async write(entry) {
      const written = store.commit([
        { table: "undo", key: entry.id, value: JSON.stringify(entry) },
      ]);
      if (forgetsToWait) written.catch(() => {});
      else await written;
    },
    remove: (id) => store.commit([{ table: "undo", key: id, value: undefined }]),
    problems: async () => [],
    // Nobody undoes beside a simulated agent: it does not hang.
    markUndone: async () => {},
    stands: async () => true,
    entries: async () =>
      (await store.load()).map(({ value }) => ({ ...JSON.parse(value), owner, isUndone: false })),
  };
}
