// Where a daemon listens and whom it trusts. Without credentials it listens on loopback, because
// whoever reaches it can run commands; the messages say which flag opens it.

import { readFile } from "node:fs/promises";
import { errorText, TrogdorError } from "../core/trogdor-error.ts";

/** The flags of the daemons and of the clients, as they were given. */
export interface CredentialOptions {
  /** `--token-file`. */
  readonly tokenFile?: string | undefined;
  /** The variable TROGDOR_TOKEN; the file wins. */
  readonly token?: string | undefined;
  /** `--tls-cert`, `--tls-key`, `--tls-ca`: PEM files. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCa?: string | undefined;
}

export interface ListenOptions extends CredentialOptions {
  /** `--listen ADDRESS`. */
  readonly listen?: string | undefined;
  /** `--insecure`: the network is trusted. */
  readonly insecure?: boolean | undefined;
  /** Further names of this machine that requests may be addressed to on loopback. */
  readonly hostNames?: readonly string[] | undefined;
}

export interface TlsFiles {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

export interface Credentials {
  readonly token?: string;
  readonly tls?: TlsFiles;
}

/** What makes a caller trusted with commands. */
export type Trust = "loopback" | "token" | "mutualTls" | "insecure";

export interface Listening extends Credentials {
  readonly hostname: string;
  readonly trust: Trust;
  readonly hostNames: readonly string[];
  /** What to tell people at the start; "" when there is nothing to tell. */
  readonly notice: string;
}

export const loopbackListening: Listening = {
  hostname: "127.0.0.1",
  trust: "loopback",
  hostNames: [],
  notice: "",
};

const opening =
  "--token-file FILE (or TROGDOR_TOKEN), --tls-cert, --tls-key and --tls-ca (mutual TLS), or " +
  "--insecure if everyone on the network may run commands here";

export async function resolveListening(options: ListenOptions): Promise<Listening> {
  const credentials = await readCredentials(options);
  const { token, tls } = credentials;
  if (tls !== undefined && (tls.cert === undefined || tls.key === undefined)) {
    throw configuration("--tls-ca needs --tls-cert and --tls-key as well");
  }
  const trust = trustOf(credentials, options.insecure ?? false);
  const hostname = options.listen ?? (trust === "loopback" ? "127.0.0.1" : "::");
  if (trust === "loopback" && !isLoopback(hostname)) {
    throw configuration(
      `--listen ${hostname} opens this daemon to the network, where anyone who reaches it could ` +
        `run commands: add ${opening}`,
    );
  }
  const notice =
    trust === "loopback"
      ? `only programs on this machine reach this daemon; to open it to others add ${opening}`
      : "";
  return {
    hostname,
    trust,
    hostNames: options.hostNames ?? [],
    notice,
    ...(token === undefined ? {} : { token }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Reads the files behind the flags; every problem with them is in the one error. */
export async function readCredentials(options: CredentialOptions): Promise<Credentials> {
  const problems: string[] = [];
  const read = async (flag: string, path: string | undefined) => {
    if (path === undefined) return undefined;
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      problems.push(`${flag} ${path} cannot be read: ${errorText(error)}`);
      return undefined;
    }
  };
  const token = ((await read("--token-file", options.tokenFile)) ?? options.token)?.trim();
  const cert = await read("--tls-cert", options.tlsCert);
  const key = await read("--tls-key", options.tlsKey);
  const ca = await read("--tls-ca", options.tlsCa);
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined)) {
    problems.push("--tls-cert and --tls-key go together: give both or none");
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    const where = options.tokenFile === undefined ? "TROGDOR_TOKEN" : "--token-file";
    problems.push(`${where}: expected one word of printable ASCII characters`);
  }
  if (problems.length > 0) throw configuration(problems.join("; "));
  const tls = {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca }),
  };
  return {
    ...(token === undefined ? {} : { token }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

function trustOf({ token, tls }: Credentials, insecure: boolean): Trust {
  if (token !== undefined) return "token";
  if (tls?.ca !== undefined) return "mutualTls";
  return insecure ? "insecure" : "loopback";
}

/** An address, or the name `localhost`, that only this machine reaches. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || name === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name);
}

function configuration(message: string): TrogdorError {
  return new TrogdorError("configuration", message);
}
