// Client settings come out of a properties file as Java reads them.

import { describe, expect, test } from "bun:test";
import { readProperties } from "./properties.ts";

describe("a properties file", () => {
  test("gives names and values, without comments", () => {
    const text = "# users\n! old\n\nsecurity.protocol=SASL_SSL\r\n  a : b c \nempty=\nalone\n";
    expect(readProperties(text)).toEqual({
      "security.protocol": "SASL_SSL",
      a: "b c ",
      empty: "",
      alone: "",
    });
  });

  test("goes on behind a backslash at the end of a line", () => {
    const text =
      'sasl.jaas.config=x.LoginModule required \\\n   username="u=1" \\\n  password="p";\n';
    expect(readProperties(text)).toEqual({
      "sasl.jaas.config": 'x.LoginModule required username="u=1" password="p";',
    });
  });

  test("undoes escapes, and keeps a backslash that was escaped itself", () => {
    expect(readProperties("a\\=b=1\\n2\\u00e9\nc=d\\\\\ne=f\\")).toEqual({
      "a=b": "1\n2é",
      c: "d\\",
      e: "f",
    });
  });
});
