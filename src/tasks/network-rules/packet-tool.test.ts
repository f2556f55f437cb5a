// Which program is chosen to set packet rules, on nodes that have only some of them, and what each
// makes of the same rules.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type NetworkNamespace,
  networkNamespace,
} from "../../../test/support/network-namespace.ts";
import { commandsWith, toolFolder } from "../../../test/support/tool-folder.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import { ruleArguments } from "./iptables.ts";
import { checkRules, ruleText } from "./nft.ts";
import type { PacketRule } from "./packet-rule.ts";
import { choosePacketTool } from "./packet-tool.ts";

let namespace: NetworkNamespace;
beforeAll(async () => {
  namespace = await networkNamespace();
});
afterAll(async () => {
  await namespace[Symbol.asyncDispose]();
});

function chosen(...programs: string[]) {
  const tools = toolFolder(programs);
  const choice = choosePacketTool([4, 6], commandsWith(tools, namespace));
  return choice.finally(() => tools[Symbol.dispose]());
}

const legacy = ["iptables-legacy", "ip6tables-legacy"];

describe("packet rules are set by", () => {
  test.each([
    [["iptables", "ip6tables", "nft", ...legacy], "iptables", /^iptables-(nft|legacy)$/],
    [["iptables-nft", "ip6tables-nft", ...legacy], "iptables-nft", /^iptables-nft$/],
    [[...legacy, "nft"], "iptables-legacy", /^iptables-legacy$/],
    [["nft"], "nft", /^nft$/],
    [["iptables", "nft"], "nft", /^nft$/],
  ])("what there is of %p: %s", async (programs, program, name) => {
    const tool = await chosen(...programs);
    expect(tool.program as string).toBe(program);
    expect(tool.name).toMatch(name);
  });

  test("nothing where there is nothing: the packages to install are named", async () => {
    await expect(chosen()).rejects.toThrow(
      "packet rules cannot be used: not installed: iptables, iptables-nft, iptables-legacy, nft; " +
        "this fault needs root and iptables or nft (the package `iptables` or `nftables`)",
    );
  });

  test.each([
    ["sudo: a password is required\n", "(sudo: a password is required)"],
    [undefined, "(there is no sudo)"],
  ])("nothing without root: sudo says %p", async (stderr, why) => {
    const run = async () => {
      if (stderr !== undefined) return { exitCode: 1, stdout: "", stderr };
      throw new TrogdorError("task", 'Cannot run program "sudo": error=2, No such file');
    };
    await expect(choosePacketTool([4], { isRoot: false, run })).rejects.toThrow(
      `packet rules cannot be used: "iptables -w 5 -S INPUT" needs root ${why}: run this as ` +
        "root, or let sudo run it without a password",
    );
  });

  test("nothing where a program fails, in its own words", async () => {
    const stderr = "can't initialize iptables table `filter': Table does not exist";
    const run = async () => ({ exitCode: 3, stdout: "", stderr });
    await expect(choosePacketTool([4], { isRoot: true, run })).rejects.toThrow(
      `packet rules cannot be used: iptables: iptables -w 5 -S INPUT failed: ${stderr}; iptables-`,
    );
  });
});

const rules: readonly [PacketRule, 4 | 6, string, string][] = [
  [
    { protocol: "tcp", source: "192.0.2.1", verdict: "drop", comment: 'no"de' },
    4,
    '-p tcp -s 192.0.2.1 -j DROP -m comment --comment no"de',
    'meta nfproto ipv4 meta l4proto tcp ip saddr 192.0.2.1 counter drop comment "no_de"',
  ],
  [
    { protocol: "udp", destination: "fd77::/64", destinationPorts: [7, 9], verdict: "unreachable" },
    6,
    "-p udp -d fd77::/64 -m multiport --dports 7,9 -j REJECT --reject-with icmp6-port-unreachable",
    "meta nfproto ipv6 ip6 daddr fd77::/64 udp dport { 7, 9 } counter " +
      "reject with icmpv6 type port-unreachable",
  ],
  [
    { protocol: "tcp", sourcePorts: [9092], probability: 0.25, verdict: "tcp-reset" },
    4,
    "-p tcp -m multiport --sports 9092 -m statistic --mode random --probability 0.25 " +
      "-j REJECT --reject-with tcp-reset",
    "meta nfproto ipv4 tcp sport { 9092 } numgen random mod 2147483648 < 536870912 counter " +
      "reject with tcp reset",
  ],
  [
    { mark: 5, verdict: "return" },
    4,
    "-m mark --mark 5 -j RETURN",
    "meta nfproto ipv4 meta mark 5 counter return",
  ],
];
const queued: PacketRule = { outDevice: "eth0", verdict: { queue: 1024 } };

describe("a packet rule", () => {
  test.each([...rules])("%p for IPv%i", async (rule, family, forIptables, forNft) => {
    expect(ruleArguments(rule, family).join(" ")).toBe(forIptables);
    expect(ruleText(rule, family)).toBe(forNft);
    const chain = { name: "try", hook: "INPUT", family, rules: [rule] } as const;
    await checkRules("try", [chain], namespace.commands);
  });

  // Not every kernel's nf_tables can queue.
  test("that hands packets over", () => {
    const expected = "-o eth0 -j NFQUEUE --queue-num 1024 --queue-bypass";
    expect(ruleArguments(queued, 4).join(" ")).toBe(expected);
    const text = 'meta nfproto ipv4 oifname "eth0" counter queue num 1024 bypass';
    expect(ruleText(queued, 4)).toBe(text);
  });
});
