// What TLS needs: trusted certificates, this client's own key and chain, and whether the broker's
// name is verified. Stores are read on demand, since most runs have none.

import type { ConfReader } from "./conf-reader.ts";
import type { TlsConf } from "./types.ts";

/** Undefined when security.protocol has no TLS. */
export async function readTls(
  reader: ConfReader,
  protocol: string,
  readFiles: boolean,
): Promise<TlsConf | undefined> {
  if (!protocol.endsWith("SSL")) return undefined;
  const algorithm = reader.text("ssl.endpoint.identification.algorithm");
  if (algorithm !== "" && algorithm.toLowerCase() !== "https") {
    reader.fail(
      "ssl.endpoint.identification.algorithm",
      `Invalid value ${algorithm} for configuration ` +
        "ssl.endpoint.identification.algorithm: expected https, or nothing to turn the " +
        "check off",
    );
  }
  const usesStores = reader.isAnySet("ssl.truststore.", "ssl.keystore.", "ssl.key.password");
  const stores = usesStores
    ? await (await import("./stores/tls-stores.ts")).readTlsStores(reader, readFiles)
    : { caPem: undefined, certPem: undefined, keyPem: undefined };
  return { ...stores, verifyHostname: algorithm !== "" };
}
