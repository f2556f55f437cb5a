// Packet rules as faults mean them, whichever program of the node sets them: iptables.ts and nft.ts
// put them into words. All of it is plain JSON, because it stands in the plan of a fault.

export type AddressFamily = 4 | 6;

export interface PacketRule {
  readonly protocol?: "tcp" | "udp";
  /** An address or a network. */
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePorts?: readonly number[];
  readonly destinationPorts?: readonly number[];
  readonly outDevice?: string;
  /** Packets that a socket of the node has marked so. */
  readonly mark?: number;
  /** Which share of the packets; all without it. */
  readonly probability?: number;
  readonly verdict: PacketVerdict;
  readonly comment?: string;
}

/**
 * `return`: no later rule of the chain. `unreachable`: dropped, and the sender hears that nobody is
 * there. `queue`: to the program that serves that number; where none does, packets pass.
 */
export type PacketVerdict =
  | "drop"
  | "return"
  | "tcp-reset"
  | "unreachable"
  | { readonly queue: number };

export type PacketHook = "INPUT" | "OUTPUT" | "POSTROUTING";

export interface PacketChain {
  readonly name: string;
  readonly hook: PacketHook;
  /** The table `filter` unless it says another one. */
  readonly table?: "mangle";
  readonly family: AddressFamily;
  readonly rules: readonly PacketRule[];
}

export const chainPrefix = "TROGDOR-";
/** iptables takes no longer name. */
const nameLengthMax = 28;

/** What all that belongs to one worker is called. */
export function chainName(workerId: bigint): string {
  const name = `${chainPrefix}${workerId}`;
  if (name.length > nameLengthMax) throw new Error(`chain name ${name} is too long`);
  return name;
}
