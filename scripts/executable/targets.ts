// The platforms that an executable can be built for, and the npm packages that carry the parts of
// it which are machine code: Bun's own runtime and the CRC-32C add-on.

import { existsSync, readFileSync } from "node:fs";

export interface BuildTarget {
  /** What `--target` takes. */
  readonly name: string;
  /** Bun's name for it. */
  readonly compileTarget: Bun.Build.CompileTarget;
  readonly runtimePackage: string;
  readonly crc32Package: string;
}

export const BUILD_TARGETS: readonly BuildTarget[] = [
  target("linux-x64", "bun-linux-x64", "bun-linux-x64", "linux-x64-gnu"),
  target("linux-x64-baseline", "bun-linux-x64-baseline", "bun-linux-x64-baseline", "linux-x64-gnu"),
  target("linux-arm64", "bun-linux-arm64", "bun-linux-aarch64", "linux-arm64-gnu"),
  target("linux-x64-musl", "bun-linux-x64-musl", "bun-linux-x64-musl", "linux-x64-musl"),
  target(
    "linux-x64-musl-baseline",
    "bun-linux-x64-baseline-musl",
    "bun-linux-x64-musl-baseline",
    "linux-x64-musl",
  ),
  target("linux-arm64-musl", "bun-linux-arm64-musl", "bun-linux-aarch64-musl", "linux-arm64-musl"),
];

/** The target of that name, with or without Bun's own prefixes: `arm64` is `linux-arm64`. */
export function findTarget(name: string): BuildTarget {
  const plain = name.replace(/^bun-/, "").replace(/^(?!linux-)/, "linux-");
  const found = BUILD_TARGETS.find((one) => one.name === plain);
  if (found !== undefined) return found;
  const names = BUILD_TARGETS.map((one) => one.name).join(", ");
  throw new Error(`--target "${name}": expected one of ${names}`);
}

/** What runs on this machine: its processor, its libc, and no AVX2 when it has none. */
export function hostTarget(): BuildTarget {
  const musl = existsSync(`/lib/ld-musl-${process.arch === "x64" ? "x86_64" : "aarch64"}.so.1`);
  const hasAvx2 = /\bavx2\b/.test(readFileSync("/proc/cpuinfo", "utf8"));
  const baseline = process.arch === "x64" && !hasAvx2;
  return findTarget(`${process.arch}${musl ? "-musl" : ""}${baseline ? "-baseline" : ""}`);
}

function target(
  name: string,
  compileTarget: Bun.Build.CompileTarget,
  runtime: string,
  crc32: string,
): BuildTarget {
  const crc32Package = `@node-rs/crc32-${crc32}`;
  return { name, compileTarget, runtimePackage: `@oven/${runtime}`, crc32Package };
}
