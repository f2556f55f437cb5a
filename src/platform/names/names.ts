// Host names to addresses, as the node's own resolver sees them.

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface Names {
  /** All addresses, IPv4 first; rejects with a TrogdorError that names the host. */
  resolve(hostname: string): Promise<readonly Address[]>;
}
