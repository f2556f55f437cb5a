// Reads the key store and the trust store that the ssl.* settings name and gives their contents as PEM.

import type { ConfReader } from "../conf-reader.ts";
import type { TlsConf } from "../types.ts";

export type TlsStores = Pick<TlsConf, "caPem" | "certPem" | "keyPem">;

export async function readTlsStores(reader: ConfReader, readFiles: boolean): Promise<TlsStores> {
  const stores = { caPem: undefined, certPem: undefined, keyPem: undefined };
  if (readFiles) reader.fail("ssl.truststore.location", "key stores cannot be read yet");
  return stores;
}
