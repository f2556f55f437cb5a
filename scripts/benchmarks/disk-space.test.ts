// A bench does not start on a disk that it would fill.

import { describe, expect, test } from "bun:test";
import { requireDiskSpace } from "./disk-space.ts";

describe("the disk", () => {
  test("needs ten gigabytes at least", () => {
    expect(() => requireDiskSpace("/data", 1, 9.94e9)).toThrow(
      "the disk of /data has 9.9 GB free, and 10.0 GB are needed: " +
        "free some, or set TROGDOR_KAFKA_DIR to a folder on a larger disk",
    );
    expect(() => requireDiskSpace("/data", 1, 10e9)).not.toThrow();
  });

  test("needs twice the data of a large run", () => {
    expect(() => requireDiskSpace("/data", 50_000_000, 59e9)).toThrow("60.0 GB are needed");
  });

  test("is asked when no figure is given", () => {
    expect(() => requireDiskSpace("/", 1e15)).toThrow("GB free");
  });
});
