// The fault file system over the data of one broker, with --kibosh: the broker's own folder,
// mounted over itself before its first start. What is mounted below a folder goes with the cluster.

import { join } from "node:path";
import { brokerDir, REPOSITORY_DIR } from "./cluster-files.ts";
import { unmountWhere } from "./mounts.ts";
import type { ClusterOptions } from "./options.ts";

const MOUNT_TIMEOUT_MS = 30_000;

/** The data folder of that broker; undefined without --kibosh, which old records do not know. */
export function kiboshFolder({ name, kibosh }: ClusterOptions): string | undefined {
  return !(kibosh > 0) ? undefined : join(brokerDir(name, kibosh), "data");
}

/** Nothing without --kibosh. */
export async function mountKibosh(options: ClusterOptions): Promise<void> {
  const folder = kiboshFolder(options);
  if (folder === undefined) return;
  const program = [process.execPath, "--no-env-file", join(REPOSITORY_DIR, "src/main.ts")];
  const log = join(brokerDir(options.name, options.kibosh), "kibosh.log");
  await run([...program, "kibosh", "mount", folder, folder, "--daemon", "--log", log]);
}

/** Everything that is mounted at a folder or below it; what is in use goes with its last user. */
export async function unmountBelow(folder: string): Promise<void> {
  await unmountWhere((place) => place === folder || place.startsWith(`${folder}/`));
}

async function run(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: MOUNT_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${said.trim()}`);
}
