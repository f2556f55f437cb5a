// Logins, and that no message shows a password.

import { describe, expect, test } from "bun:test";
import { resolveAdminConf } from "./resolve-admin-conf.ts";

const plain = "org.apache.kafka.common.security.plain.PlainLoginModule";
const scram = "org.apache.kafka.common.security.scram.ScramLoginModule";
const login = 'required username="me" password="hidden-word";';

async function resolve(settings: Record<string, string>) {
  const layer = { "bootstrap.servers": "b:1", "security.protocol": "SASL_PLAINTEXT", ...settings };
  const { conf, problems } = await resolveAdminConf([layer], { paths: ["conf"] });
  return { sasl: conf?.sasl, problems: problems.map(({ path, message }) => `${path}: ${message}`) };
}

describe("SASL", () => {
  test.each([
    ["PLAIN", plain],
    ["SCRAM-SHA-256", scram],
    ["SCRAM-SHA-512", scram],
  ])("reads the login of %s", async (mechanism, module) => {
    const settings = { "sasl.mechanism": mechanism, "sasl.jaas.config": `${module} ${login}` };
    const expected = { mechanism, username: "me", password: "hidden-word" } as never;
    expect(await resolve(settings)).toEqual({ sasl: expected, problems: [] });
  });

  test("has none without SASL in security.protocol", async () => {
    expect((await resolve({ "security.protocol": " ssl " })).sasl).toBeUndefined();
  });

  const cases: [Record<string, string>, string[]][] = [
    [
      { "sasl.jaas.config": `${plain} ${login}` },
      [
        "conf.sasl.mechanism: sasl.mechanism is not set for SASL_PLAINTEXT, and GSSAPI, " +
          "its default, is not supported: it must be one of PLAIN, SCRAM-SHA-256, " +
          "SCRAM-SHA-512",
      ],
    ],
    [
      { "sasl.mechanism": "OAUTHBEARER", "sasl.jaas.config": `${plain} ${login}` },
      [
        "conf.sasl.mechanism: sasl.mechanism OAUTHBEARER is not supported: it must be one " +
          "of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512",
      ],
    ],
    [
      { "sasl.mechanism": "PLAIN" },
      [
        "conf.sasl.jaas.config: sasl.jaas.config is missing, and SASL_PLAINTEXT needs it: " +
          `${plain} required username="..." password="...";`,
      ],
    ],
    [
      { "sasl.mechanism": "PLAIN", "sasl.jaas.config": `${scram} ${login}` },
      [
        `conf.sasl.jaas.config: The login module ${scram} does not fit sasl.mechanism ` +
          `PLAIN, which needs ${plain}`,
      ],
    ],
    [
      { "sasl.mechanism": "PLAIN", "sasl.jaas.config": `${plain} required;` },
      ["conf.sasl.jaas.config: The login module has no option username and no option password"],
    ],
    [
      {
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.jaas.config": `${scram} required username="t" password="p" tokenauth="true";`,
      },
      [
        "conf.sasl.jaas.config: tokenauth=true is not supported: log in as a user, not " +
          "with a delegation token",
      ],
    ],
    [
      {
        "sasl.mechanism": "PLAIN",
        "sasl.jaas.config": `${plain} ${login}`,
        "sasl.client.callback.handler.class": "a.B",
        "sasl.login.class": "a.B",
      },
      [
        "conf.sasl.client.callback.handler.class: sasl.client.callback.handler.class is " +
          "not supported: leave it away: Java classes cannot run here",
        "conf.sasl.login.class: sasl.login.class is not supported: leave it away: Java " +
          "classes cannot run here",
      ],
    ],
  ];
  test.each(cases)("explains %j", async (settings, expected) => {
    const { problems } = await resolve(settings);
    expect(problems).toEqual(expected);
    expect(problems.join()).not.toContain("hidden-word");
  });
});
