// Who this client is: the mechanism, and the login module of sasl.jaas.config that fits it.

import type { ConfReader } from "./conf-reader.ts";
import { parseJaas } from "./jaas.ts";
import type { SaslConf, SaslMechanism } from "./types.ts";

const plainModule = "org.apache.kafka.common.security.plain.PlainLoginModule";
const scramModule = "org.apache.kafka.common.security.scram.ScramLoginModule";

const moduleOf: Readonly<Record<SaslMechanism, string>> = {
  PLAIN: plainModule,
  "SCRAM-SHA-256": scramModule,
  "SCRAM-SHA-512": scramModule,
};
const mechanisms = Object.keys(moduleOf).join(", ");

/** Undefined when security.protocol has no SASL, and after a problem. */
export function readSasl(reader: ConfReader, protocol: string): SaslConf | undefined {
  if (!protocol.startsWith("SASL")) return undefined;
  const mechanism = readMechanism(reader, protocol);
  const jaasKey = "sasl.jaas.config";
  if (!reader.isSet(jaasKey)) {
    const module = mechanism === undefined ? plainModule : moduleOf[mechanism];
    reader.fail(
      jaasKey,
      `sasl.jaas.config is missing, and ${protocol} needs it: ${module} required ` +
        `username="..." password="...";`,
      "security.protocol",
    );
    return undefined;
  }
  const entry = parseJaas(reader.text(jaasKey));
  if (typeof entry === "string") {
    reader.fail(jaasKey, entry);
    return undefined;
  }
  if (mechanism === undefined) return undefined;
  if (entry.module !== moduleOf[mechanism]) {
    reader.fail(
      jaasKey,
      `The login module ${entry.module} does not fit sasl.mechanism ${mechanism}, which ` +
        `needs ${moduleOf[mechanism]}`,
    );
    return undefined;
  }
  return readCredentials(reader, mechanism, entry.options);
}

function readMechanism(reader: ConfReader, protocol: string): SaslMechanism | undefined {
  const key = "sasl.mechanism";
  const mechanism = reader.text(key);
  if (Object.hasOwn(moduleOf, mechanism)) return mechanism as SaslMechanism;
  const what = reader.isSet(key)
    ? `sasl.mechanism ${mechanism} is not supported`
    : `sasl.mechanism is not set for ${protocol}, and GSSAPI, its default, is not supported`;
  reader.fail(key, `${what}: it must be one of ${mechanisms}`, "security.protocol");
  return undefined;
}

function readCredentials(
  reader: ConfReader,
  mechanism: SaslMechanism,
  options: ReadonlyMap<string, string>,
): SaslConf | undefined {
  const key = "sasl.jaas.config";
  const missing = ["username", "password"].filter((name) => !options.get(name));
  if (missing.length > 0) {
    reader.fail(key, `The login module has no option ${missing.join(" and no option ")}`);
  }
  if (options.get("tokenauth")?.toLowerCase() === "true") {
    reader.fail(
      key,
      "tokenauth=true is not supported: log in as a user, not with a delegation token",
    );
  }
  if (!reader.areGood(key)) return undefined;
  return {
    mechanism,
    username: options.get("username")!,
    password: options.get("password")!,
  };
}
