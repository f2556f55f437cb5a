// What is in a key store or trust store, whatever its format.

import type { KeyObject } from "node:crypto";

export interface StoreKey {
  /** For messages. */
  readonly alias: string;
  readonly privateKey: KeyObject;
  /** DER, the key's own certificate first. */
  readonly chain: readonly Uint8Array[];
}

export interface StoreContents {
  readonly keys: readonly StoreKey[];
  /** DER, the certificates that belong to no key. */
  readonly certificates: readonly Uint8Array[];
}
