// Turns the text of one setting into its value by the rules of Java's ConfigDef, with its messages.

import type { Bounds, ConfigKey, ConfType } from "./config-key.ts";

export type ConfValue = string | number | boolean | readonly string[];

export type ParsedValue =
  | { readonly value: ConfValue; readonly problem?: never }
  | { readonly value?: never; readonly problem: string };

const integerRanges: Partial<Record<ConfType, readonly [bigint, bigint]>> = {
  short: [-(1n << 15n), (1n << 15n) - 1n],
  int: [-(1n << 31n), (1n << 31n) - 1n],
  long: [-(1n << 63n), (1n << 63n) - 1n],
};

/** Longs beyond 2^53 lose their last digits; no setting can tell the difference. */
export function parseValue(key: ConfigKey, text: string): ParsedValue {
  const value = readText(key.type, text.trim());
  if (value === undefined) return invalid(key, text, expectedType(key.type));
  const outside = key.bounds === undefined ? undefined : outsideBounds(key.bounds, value);
  return outside === undefined ? { value } : invalid(key, text, outside);
}

function invalid(key: ConfigKey, text: string, expected: string): ParsedValue {
  const shown = key.type === "password" ? "[hidden]" : text;
  return { problem: `Invalid value ${shown} for configuration ${key.name}: ${expected}` };
}

function readText(type: ConfType, text: string): ConfValue | undefined {
  switch (type) {
    case "boolean":
      return booleanOf(text.toLowerCase());
    case "short":
    case "int":
    case "long":
      return integerOf(text, integerRanges[type]!);
    case "double":
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
    case "list":
      return text === "" ? [] : text.split(/\s*,\s*/);
    case "string":
    case "password":
    case "class":
      return text;
  }
}

function booleanOf(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

function integerOf(text: string, [min, max]: readonly [bigint, bigint]): number | undefined {
  if (!/^[+-]?\d{1,30}$/.test(text)) return undefined;
  const value = BigInt(text.replace("+", ""));
  return value < min || value > max ? undefined : Number(value);
}

function expectedType(type: ConfType): string {
  return type === "boolean"
    ? "Expected value to be either true or false"
    : `Not a number of type ${type.toUpperCase()}`;
}

function outsideBounds(bounds: Bounds, value: ConfValue): string | undefined {
  switch (bounds.kind) {
    case "nonEmpty":
      return value === "" ? "String must be non-empty" : undefined;
    case "oneOf": {
      const fold = (text: string) => (bounds.ignoreCase ? text.toUpperCase() : text);
      if (bounds.values.some((allowed) => fold(allowed) === fold(String(value)))) return undefined;
      const how = bounds.ignoreCase ? " (case insensitive)" : "";
      return `String must be one of${how}: ${bounds.values.join(", ")}`;
    }
    case "range":
      if (bounds.min !== undefined && Number(value) < bounds.min) {
        return `Value must be at least ${bounds.min}`;
      }
      return bounds.max !== undefined && Number(value) > bounds.max
        ? `Value must be no more than ${bounds.max}`
        : undefined;
    case "rangeOr":
      return value === bounds.or || (Number(value) >= bounds.min && Number(value) <= bounds.max)
        ? undefined
        : `Value must be between ${bounds.min} and ${bounds.max} or equal to ${bounds.or}`;
  }
}
