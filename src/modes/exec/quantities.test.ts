// How numbers are shown.

import { describe, expect, test } from "bun:test";
import {
  bytesText,
  countText,
  elapsedText,
  microsText,
  millisText,
  shortCountText,
} from "./quantities.ts";

type Case = readonly [number | bigint, string];

function cases(name: string, show: (value: never) => string, table: readonly Case[]): void {
  describe(name, () => {
    test.each(table as Case[])("shows %p as %p", (value, text) => {
      expect(show(value as never)).toBe(text);
    });
  });
}

cases("countText", countText, [
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1234567.8, "1,234,568"],
  [1.5, "1.5"],
  [0.126, "0.13"],
  [-1234, "-1,234"],
  [12345678901234567890n, "12,345,678,901,234,567,890"],
  [Number.NaN, "-"],
]);

cases("shortCountText", shortCountText, [
  [9999, "9,999"],
  [10_000, "10k"],
  [123_456, "123k"],
  [999_600, "1M"],
  [1_234_567, "1.23M"],
  [5e9, "5G"],
]);

cases("millisText", millisText, [
  [0, "0"],
  [27, "0.03"],
  [690, "0.69"],
  [12_340, "12.3"],
  [999_400, "999"],
  [1_297_600, "1,298"],
  [Number.NaN, "-"],
]);

cases("microsText", microsText, [
  [0, "0 us"],
  [999, "999 us"],
  [1234, "1.23 ms"],
  [45_600, "45.6 ms"],
  [2_500_000, "2.5 s"],
]);

cases("bytesText", bytesText, [
  [512, "512 B"],
  [2048, "2.05 kB"],
  [256_000_000, "256 MB"],
  [3.2e9, "3.2 GB"],
]);

cases("elapsedText", elapsedText, [
  [0, "0.0s"],
  [3299, "3.2s"],
  [59_999, "59s"],
  [75_400, "1m15s"],
  [7_300_000, "2h01m"],
  [180_000_000, "2d02h"],
  [Number.POSITIVE_INFINITY, "-"],
]);
