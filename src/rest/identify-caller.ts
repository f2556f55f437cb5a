// Who sent a request: the headers tell what kind of program it is, the connection tells whether it
// may run commands.

import type { Server } from "bun";
import type { Caller } from "./caller.ts";
import { isLoopback, type Listening } from "./listening.ts";

/** The two ends of a TCP connection of this machine, as the caller sees it. */
export interface Connection {
  readonly callerAddress: string;
  readonly callerPort: number;
  readonly daemonPort: number;
}

/** The user id of the caller's end; undefined when it cannot be found. */
export type PeerUserId = (connection: Connection) => Promise<number | undefined>;

export interface IdentifyOptions {
  readonly listening: Listening;
  readonly peerUserId?: PeerUserId;
}

export function callerOf(
  request: Request,
  server: Server<undefined>,
  options: IdentifyOptions,
): Caller {
  const { headers } = request;
  return {
    isJava: headers.get("user-agent") === "kafka",
    coordinatorId: headers.get("trogdor-coordinator") ?? "",
    mayRunCommands: () => mayRunCommands(request, server, options),
  };
}

async function mayRunCommands(
  request: Request,
  server: Server<undefined>,
  { listening, peerUserId }: IdentifyOptions,
): Promise<boolean> {
  if (listening.trust !== "loopback") return true;
  const peer = server.requestIP(request);
  if (peer === null || !isLoopback(peer.address) || peerUserId === undefined) return false;
  const userId = await peerUserId({
    callerAddress: peer.address,
    callerPort: peer.port,
    daemonPort: server.port ?? 0,
  });
  return userId !== undefined && userId === process.getuid?.();
}
