// Environment variables that reach the runtime are named and go no further.

import { describe, expect, test } from "bun:test";
import { takeRuntimeVariables } from "./runtime-variables.ts";

describe("variables for the runtime", () => {
  test("are taken out and named", () => {
    const env: Record<string, string> = {
      PATH: "/bin",
      BUN_OPTIONS: "--smol",
      BUN_INSPECT: "1",
      BUN_BE_BUN: "0",
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
    };
    expect(takeRuntimeVariables(env)).toBe(
      "trogdor: warning: unset BUN_OPTIONS and BUN_INSPECT: " +
        "the runtime inside Trogdor obeys them\n",
    );
    expect(env).toEqual({ PATH: "/bin" });
  });

  test("are not mentioned when they are empty or absent", () => {
    expect(takeRuntimeVariables({ BUN_OPTIONS: "" })).toBe("");
    expect(takeRuntimeVariables({})).toBe("");
  });
});
