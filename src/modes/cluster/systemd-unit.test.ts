// What reaches systemd, and what a node's answer means.

import { expect, test } from "bun:test";
import { parseUnit, systemdWord } from "./systemd-unit.ts";

test.each([
  ["/a/b c", '"/a/b c"'],
  ['"$HOME" 100%', '"\\"$$HOME\\" 100%%"'],
  ["\\", '"\\\\"'],
])("systemd reads %j back", (text, word) => {
  expect(systemdWord(text)).toBe(word);
});

test.each([
  ["system trogdor-agent@a.service", { scope: "system", name: "trogdor-agent@a.service" }],
  ["user trogdor-agent.service", { scope: "user", name: "trogdor-agent.service" }],
  ["", undefined],
])("a node's answer %j", (text, unit) => {
  expect(parseUnit(text)).toEqual(unit as never);
});
