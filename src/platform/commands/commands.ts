// Programs of the node that faults use (iptables, tc): run without a shell, with a time limit, with
// all output kept up to a bound.

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Commands {
  /** True when this process is root: commands that need it then go without sudo. */
  readonly isRoot: boolean;
  /**
   * Resolves when the program has exited, whatever its exit code. Rejects with a TrogdorError when
   * it cannot be started or takes longer than 10 s.
   */
  run(command: readonly string[]): Promise<CommandResult>;
}
