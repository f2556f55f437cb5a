// Login texts, against what the Java client makes of them.

import { describe, expect, test } from "bun:test";
import { parseJaas } from "./jaas.ts";

const module = "org.apache.kafka.common.security.plain.PlainLoginModule";

function options(text: string): Record<string, string> | string {
  const entry = parseJaas(`${module} required ${text}`);
  return typeof entry === "string" ? entry : Object.fromEntries(entry.options);
}

// What the Java client 4.1 makes of the same texts.
describe("parseJaas", () => {
  test.each([
    ['username="a" password="b";', { username: "a", password: "b" }],
    ["username='a' password='x\"y';", { username: "a", password: 'x"y' }],
    ['username = "a"\n password\t=\t"b" ; ', { username: "a", password: "b" }],
    ['username="a" // comment\n password="b";', { username: "a", password: "b" }],
    ['/* comment */ username="a" password="b";', { username: "a", password: "b" }],
    ["username=a.b-c_$ password=a12;", { username: "a.b-c_$", password: "a12" }],
    ["username=a password=é;", { username: "a", password: "é" }],
    ['"username"="u" username="v" password="";', { username: "v", password: "" }],
    [
      String.raw`username="a" password="x\"y\\z\n\t\101\x\u0041\0\377\400";`,
      { username: "a", password: 'x"y\\z\n\tAxu0041\0\u00ff 0' },
    ],
    [";", {}],
  ])("reads %j", (text, expected) => {
    expect(options(text)).toEqual(expected);
  });

  test("takes the flag in any case and the module in quotes", () => {
    expect(parseJaas(`"${module}" REQUIRED;`)).toEqual({ module, options: new Map() });
  });

  test.each([
    ["", "Login module not specified in JAAS config"],
    ["  ", "Login module not specified in JAAS config"],
    [module, "Login module control flag not specified in JAAS config"],
    [`${module} wanted a=b;`, "Invalid login module control flag in JAAS config"],
    [`${module} required a="b"`, "JAAS config entry not terminated by semi-colon"],
    [`${module} required a="b;`, "JAAS config entry not terminated by semi-colon"],
    [`${module} required a=b/c;`, "JAAS config entry not terminated by semi-colon"],
    [`${module} required a="b"; x.Y required;`, "should be 1 module"],
    [`${module} required a="b";;`, "should be 1 module"],
    [`KafkaClient { ${module} required a="b"; };`, "Login module control flag not specified"],
    [`${module} required a=;`, "Value not specified for key 'a' in JAAS config"],
    [`${module} required a`, "After the flag the JAAS config does not go on with name=value"],
    [`${module} required a=b, c=d;`, "After the option a the JAAS config does not go on"],
  ])("refuses %j", (text, expected) => {
    expect(parseJaas(text)).toContain(expected);
  });

  test.each(["secret42!", "42secret", "-5", "sec#ret", "se cret", "sec'ret", "it''secret"])(
    "never shows the value in what it says of %s",
    (password) => {
      const result = parseJaas(`${module} required username=u password=${password};`);
      expect(result).toBeString();
      expect(result).not.toMatch(/secret|42|-5|ret|se\b/);
    },
  );
});
