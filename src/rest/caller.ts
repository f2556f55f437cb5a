// Who calls a daemon, as far as its request tells.

export interface Caller {
  /**
   * A Java client or coordinator (User-Agent `kafka`): it refuses members that it does not know.
   */
  readonly isJava: boolean;
  /**
   * The id of one of our coordinators (header `Trogdor-Coordinator`), "" for everyone else. Worker
   * ids of such a caller are never used twice, so the agent remembers those that it stopped or
   * destroyed before they came, and a create that was delayed on its way starts nothing.
   */
  readonly coordinatorId: string;
  /**
   * True when the caller may run commands: a token, mutual TLS, --insecure, or the agent's own
   * user.
   */
  mayRunCommands(): Promise<boolean>;
}
