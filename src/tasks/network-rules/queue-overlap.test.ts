// Which rules pick packets that another fault's queue gets already, by what iptables prints.

import { describe, expect, test } from "bun:test";
import type { PacketHook, PacketRule } from "./packet-rule.ts";
import { queueOverlap } from "./queue-overlap.ts";

const standing = `-P INPUT ACCEPT
-N TROGDOR-1i
-N TROGDOR-1o
-A INPUT -j TROGDOR-1i
-A OUTPUT -j TROGDOR-1o
-A TROGDOR-1i -s 10.1.0.0/16 -p udp -j NFQUEUE --queue-num 1025 --queue-bypass
-A TROGDOR-1o -p tcp -m multiport --sports 8888 -j RETURN
-A TROGDOR-1o -d 10.1.2.3/32 -p tcp -m multiport --dports 9092,9093 -j NFQUEUE --queue-num 1025
`;

async function overlaps(hook: PacketHook, rule: Partial<PacketRule>): Promise<boolean> {
  const rules = [{ verdict: { queue: 7 }, ...rule }];
  const chain = { name: "TROGDOR-2", hook, table: "mangle", family: 4, rules } as const;
  const run = async () => ({ exitCode: 0, stdout: standing, stderr: "" });
  return (await queueOverlap("iptables", [chain], { isRoot: true, run })) !== undefined;
}

describe("packets of another queue", () => {
  test.each([
    ["INPUT", {}],
    ["INPUT", { source: "10.1.7.7" }],
    ["INPUT", { source: "10.0.0.0/8" }],
    ["OUTPUT", { destination: "10.1.2.3" }],
    ["OUTPUT", { protocol: "tcp", destination: "10.1.2.0/24", destinationPorts: [1, 9093] }],
    ["OUTPUT", { protocol: "tcp", sourcePorts: [9092] }],
  ] as const)("are picked at %s by %j", async (hook, rule) => {
    expect(await overlaps(hook, rule)).toBe(true);
  });

  test.each([
    ["POSTROUTING", {}],
    ["INPUT", { source: "10.2.0.1" }],
    ["INPUT", { protocol: "tcp", source: "10.1.7.7" }],
    ["OUTPUT", { destination: "10.1.2.4" }],
    ["OUTPUT", { protocol: "tcp", destination: "10.1.2.3", destinationPorts: [9094] }],
    ["OUTPUT", { verdict: "return" }],
  ] as const)("are not picked at %s by %j", async (hook, rule) => {
    expect(await overlaps(hook, rule)).toBe(false);
  });
});
