// An echo over UDP in a network namespace, and how many answers come to packets that are sent one
// after the other: what a network loses or doubles on the way shows in that number.

import type { NetworkNamespace } from "./network-namespace.ts";

const port = 7007;
/** What is doubled has come when a few more round trips are over. */
const lastOnes = 3;

export interface UdpEcho extends AsyncDisposable {
  readonly port: number;
}

export async function startUdpEcho(namespace: NetworkNamespace): Promise<UdpEcho> {
  // Nobody may be there any more for the answer to the last one that was doubled.
  const answer = `{ data(s, bytes, port, address) { s.send(bytes, port, address) }, error() {} }`;
  const serve = `
    await Bun.udpSocket({ hostname: "::", port: ${port}, socket: ${answer} });
    console.log("ready")`;
  const command = ["ip", "netns", "exec", namespace.name, process.execPath, "-e", serve];
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
  await child.stdout.getReader().read();
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** How many answers came to `count` packets, each sent when the one before was answered. */
export async function answersTo(
  count: number,
  namespace: NetworkNamespace,
  address: string,
): Promise<number> {
  const ask = `
    let answers = 0, sent = 0;
    const next = () => s.send(String(sent += 1), ${port}, "${address}");
    const data = (_, bytes) => {
      const number = Number(bytes.toString());
      if (number <= ${count}) answers += 1;
      if (number !== sent) return;
      if (sent < ${count + lastOnes}) return next();
      console.log(answers);
      process.exit(0);
    };
    const hostname = "${address.includes(":") ? "::" : "0.0.0.0"}";
    const s = await Bun.udpSocket({ hostname, socket: { data } });
    next();`;
  return Number(await namespace.run(process.execPath, "-e", ask));
}
