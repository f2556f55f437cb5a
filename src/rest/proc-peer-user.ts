// Finds the user at the other end of a loopback connection in the kernel's tables of TCP sockets,
// where each socket stands with its owner.

import { readFile } from "node:fs/promises";
import type { Connection, PeerUserId } from "./identify-caller.ts";

/** One table is 150 bytes for each socket; beyond this it is not read. */
const tableSizeMax = 64 * 1024 * 1024;

export const procPeerUserId: PeerUserId = async (connection) => {
  for (const path of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const table = await readFile(path, "latin1").catch(() => "");
    const userId = table.length > tableSizeMax ? undefined : findUserId(table, connection);
    if (userId !== undefined) return userId;
  }
  return undefined;
};

/** The owner of the socket whose local end is the caller's. */
export function findUserId(table: string, connection: Connection): number | undefined {
  const { callerAddress, callerPort, daemonPort } = connection;
  const addresses = hexAddresses(callerAddress);
  for (const line of table.split("\n")) {
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid ...
    const [, local = "", remote = "", , , , , uid] = line.trim().split(/\s+/);
    const [localAddress = "", localPort] = local.split(":");
    const [, remotePort] = remote.split(":");
    if (localPort === undefined || remotePort === undefined || uid === undefined) continue;
    if (Number.parseInt(localPort, 16) !== callerPort) continue;
    if (Number.parseInt(remotePort, 16) !== daemonPort) continue;
    if (!addresses.includes(localAddress) || !/^\d+$/.test(uid)) continue;
    return Number(uid);
  }
  return undefined;
}

/**
 * As the tables write it: each 32-bit word in the machine's order; little-endian on all of ours.
 */
function hexAddresses(address: string): readonly string[] {
  const four = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(address);
  if (four !== null) {
    const bytes = four.slice(1).map((part) => Number(part).toString(16).padStart(2, "0"));
    const word = bytes.reverse().join("").toUpperCase();
    return [word, `0000000000000000FFFF0000${word}`];
  }
  return address === "::1" ? ["00000000000000000000000001000000"] : [];
}
