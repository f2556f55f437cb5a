// A network namespace of the test's own, and commands that run inside it: rules and devices are
// real, and the machine's own network is never touched.

import { makerMark } from "../../scripts/kafka-cluster/maker-mark.ts";
import type { Commands } from "../../src/platform/commands/commands.ts";
import { realCommands } from "../../src/platform/commands/real-commands.ts";

export interface NetworkNamespace extends AsyncDisposable {
  readonly name: string;
  /** Runs a command inside the namespace. */
  readonly commands: Commands;
  /** Runs a command inside and answers what it printed; throws when it fails. */
  run(...command: string[]): Promise<string>;
}

let made = 0;

export async function networkNamespace(): Promise<NetworkNamespace> {
  made += 1;
  const name = `trogdor-test-${makerMark()}-${made}`;
  await must(realCommands, ["ip", "netns", "add", name]);
  const commands: Commands = {
    isRoot: true,
    run: (command) => realCommands.run(["ip", "netns", "exec", name, ...command]),
  };
  await must(commands, ["ip", "link", "set", "lo", "up"]);
  return {
    name,
    commands,
    run: (...command) => must(commands, command),
    async [Symbol.asyncDispose]() {
      await must(realCommands, ["ip", "netns", "delete", name]);
    },
  };
}

/** A pair of devices between two namespaces, each with an address in one network of 24 bits. */
export async function connectNamespaces(
  left: NetworkNamespace,
  leftAddress: string,
  right: NetworkNamespace,
  rightAddress: string,
): Promise<void> {
  const pair = ["type", "veth", "peer", "name", "eth0", "netns", right.name];
  await left.run("ip", "link", "add", "eth0", ...pair);
  for (const [namespace, address] of [
    [left, leftAddress],
    [right, rightAddress],
  ] as const) {
    await namespace.run("ip", "address", "add", `${address}/24`, "dev", "eth0");
    await namespace.run("ip", "link", "set", "eth0", "up");
  }
}

async function must(commands: Commands, command: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await commands.run(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout;
}
