// What every verb of `trogdor cluster` works with: the nodes, ssh, the token, the executable.

import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import { type CoordinatorClient, coordinatorClient } from "../../rest/coordinator-client.ts";
import { readCredentials } from "../../rest/listening.ts";
import { explained } from "../client/connection.ts";
import type { CommandLine } from "../command.ts";
import type { ModeHost } from "../mode-host.ts";
import { readClusterOptions } from "./cluster-options.ts";
import { type ClusterNode, type Inventory, readInventory } from "./inventory.ts";
import { type NodePaths, nodePaths } from "./node-paths.ts";
import type { Stage } from "./on-all.ts";
import { openSsh, type Ssh } from "./ssh.ts";

export interface Executable {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
  /** As `uname -m` names it. */
  readonly machine: string;
}

export interface Session {
  readonly inventory: Inventory;
  readonly ssh: Ssh;
  readonly host: ModeHost;
  readonly root: string;
  readonly isInsecure: boolean;
  token(): Promise<string | undefined>;
  /** The token, made if there is none yet. */
  ensureToken(): Promise<string | undefined>;
  forgetToken(): void;
  stage(title: string): Stage;
  paths(node: ClusterNode, digest?: string): NodePaths;
  withCoordinator<T>(use: (client: CoordinatorClient, target: string) => Promise<T>): Promise<T>;
}

export async function withSession<T>(
  line: CommandLine,
  host: ModeHost,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const settings = readClusterOptions(line);
  const inventory = await readInventory(settings.inventory);
  const ssh = openSsh(settings.ssh);
  const kept = tokenPath(inventory.path, host);
  const given = settings.tokenFile;
  const token = async () => {
    if (settings.isInsecure) return undefined;
    if (given === undefined && !existsSync(kept)) return host.env["TROGDOR_TOKEN"];
    return (await readCredentials({ tokenFile: given ?? kept })).token;
  };
  const session: Session = {
    inventory,
    ssh,
    host,
    root: settings.root,
    isInsecure: settings.isInsecure,
    token,
    async ensureToken() {
      const found = await token();
      if (found !== undefined || settings.isInsecure) return found;
      mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
      writeFileSync(kept, randomBytes(24).toString("hex"), { mode: 0o600 });
      return await token();
    },
    forgetToken: () => rmSync(kept, { force: true }),
    stage: (title) => ({ title, atOnce: settings.atOnce, host }),
    paths: (node, digest = "") => nodePaths(settings.root, digest, node),
    withCoordinator: async (withClient) => {
      const { hostname, coordinatorPort } = inventory.coordinator;
      const target = `${hostname}:${coordinatorPort}`;
      const known = await token();
      const client = coordinatorClient({
        hostname,
        port: coordinatorPort!,
        clock: realClock,
        timeoutMs: 10_000,
        ...(known === undefined ? {} : { token: known }),
      });
      try {
        return await withClient(client, target);
      } catch (error) {
        throw explained(error, "coordinator", target);
      } finally {
        client.close();
      }
    },
  };
  try {
    return await use(session);
  } finally {
    await ssh.close();
  }
}

/** One for each file of nodes. */
export function tokenPath(inventoryPath: string, { env }: ModeHost): string {
  const stateHome = env["XDG_STATE_HOME"];
  const base =
    stateHome !== undefined && isAbsolute(stateHome)
      ? stateHome
      : join(env["HOME"] ?? "/", ".local/state");
  const name = createHash("sha256").update(resolve(inventoryPath)).digest("hex").slice(0, 16);
  return join(base, "trogdor/clusters", `${name}.token`);
}

/** This executable, or the one that is named. */
export function findExecutable(given: string | undefined): Executable {
  const isCompiled = Bun.main.startsWith("/$bunfs/");
  if (given === undefined && !isCompiled) {
    throw new TrogdorError("usage", "Run from its sources, it needs --binary FILE: scripts/build");
  }
  const path = given ?? process.execPath;
  try {
    const bytes = readFileSync(path);
    const machine = machineOf(bytes);
    if (machine === undefined) throw new Error("it is no executable for x86_64 or aarch64 Linux");
    const digest = createHash("sha256").update(bytes).digest("hex");
    return { path, digest, sizeBytes: statSync(path).size, machine };
  } catch (error) {
    throw new TrogdorError("usage", `--binary ${path} cannot be copied: ${errorText(error)}`, {
      cause: error,
    });
  }
}

/** From the ELF header. */
function machineOf(bytes: Buffer): string | undefined {
  if (bytes.length < 20 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  return { 62: "x86_64", 183: "aarch64" }[bytes.readUInt16LE(18)];
}
