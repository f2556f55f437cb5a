// The processes of the node, for faults that pick some of them. A process is told by its pid and
// the time of its start, since the kernel hands a pid out again.

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process. */
  readonly startTicks: number;
}

export interface RunningProcess extends ProcessIdentity {
  /** The arguments it was started with; empty for a kernel thread. */
  readonly command: readonly string[];
  readonly isJvm: boolean;
  /** This process, one that belongs to it, or another daemon or guard of ours. */
  readonly isOurs: boolean;
}

export type FaultSignal = "SIGSTOP" | "SIGCONT" | "SIGTERM" | "SIGKILL" | (string & {});

export interface ProcessTable {
  /** In the order of the pids; those that end meanwhile are left out. */
  list(): Promise<readonly RunningProcess[]>;
  /**
   * The kernel's letter for each thread of that very process: R, S, D, T (stopped) ...; empty when
   * it is gone.
   */
  threadStates(identity: ProcessIdentity): Promise<readonly string[]>;
  /** Signals that very process; false when it is gone. Rejects when it may not be signalled. */
  signal(identity: ProcessIdentity, signal: FaultSignal): Promise<boolean>;
}
