// What the fetcher asks for, read out of its requests.

import { describe, expect, test } from "bun:test";
import { consumerConf } from "../../conformance/test-consumer.suite.ts";
import { type FetchPart, writeFetchRequest } from "./fetch-request.ts";
import { fetchSettings } from "./fetcher.ts";

const settingsOf = async (settings: Record<string, string>) =>
  fetchSettings(await consumerConf({ "bootstrap.servers": "b:1", ...settings }));

describe("the fetcher", () => {
  test("asks for no more than 8 MiB at a time", async () => {
    expect((await settingsOf({})).maxBytes).toBe(8 * 1024 * 1024);
    expect((await settingsOf({ "fetch.max.bytes": "1000" })).maxBytes).toBe(1000);
  });

  test("asks as its configuration says", async () => {
    const settings = await settingsOf({
      "client.id": "me",
      "client.rack": "here",
      "fetch.max.wait.ms": "7",
      "fetch.min.bytes": "8",
      "max.partition.fetch.bytes": "9",
      "isolation.level": "read_committed",
    });
    const topics = ["first", "second"].map((name) => ({ nameBytes: Buffer.from(name) }));
    const parts: FetchPart[] = [0, 0, 1].map((index, topicPartition) => ({
      topic: topics[index]!,
      topicPartition,
      leaderEpoch: 3,
      fetchOffset: 2 ** 40 + topicPartition,
      lastFetchedEpoch: -1,
    }));
    const request = Buffer.from(writeFetchRequest(new Uint8Array(4), 77, settings, parts));
    const hex = (text: string) => Buffer.from(text).toString("hex");
    const part = (index: number) =>
      `0000000${index}00000003000001000000000${index}ffffffffffffffffffffffff0000000900`;
    const expected = [
      request.readInt32BE(0).toString(16).padStart(8, "0"),
      `0001000c0000004d0002${hex("me")}00`,
      "ffffffff0000000700000008", // replica, wait, bytes
      "00800000",
      "0100000000ffffffff", // read_committed, no session
      `0306${hex("first")}03${part(0)}${part(1)}00`,
      `07${hex("second")}02${part(2)}00`,
      `0105${hex("here")}00`,
    ];
    expect(request.toString("hex")).toBe(expected.join(""));
    expect(request.readInt32BE(0)).toBe(request.length - 4);
  });
});
