// The repository's own files, for the tests that look at the code as text.

import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export const root = resolve(import.meta.dir, "../..");

export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

const codeFolders = ["src", "kibosh", "scripts", "test"];

/** TypeScript of ours, tests included. */
export function sourceFiles(): SourceFile[] {
  const pattern = new Bun.Glob(`{${codeFolders.join(",")}}/**/*.ts`);
  return [...pattern.scanSync({ cwd: root })].sort().map(readFile);
}

/** Every file that goes into the repository and is text. */
export function repositoryFiles(): SourceFile[] {
  const listed = Bun.spawnSync(["git", "ls-files", "-co", "--exclude-standard"], { cwd: root });
  const paths = listed.success
    ? listed.stdout.toString().split("\n")
    : [...new Bun.Glob(`{${codeFolders.join(",")},docs,specs}/**/*`).scanSync({ cwd: root })];
  return paths
    .filter((path) => path !== "")
    .flatMap((path) => {
      try {
        return [readFile(path)];
      } catch {
        return []; // Deleted and not committed yet.
      }
    })
    .filter((file) => !file.text.includes("\u0000"));
}

export function readFile(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  return { path, text, lines: text.split("\n") };
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.startsWith("test/") || path.includes(".suite.");
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** From the root when it is a file of ours. */
  readonly target: string | undefined;
  /** Loaded on demand: `await import()`. */
  readonly isDynamic: boolean;
}

const importPatterns = [
  { pattern: /^\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"/gm, isDynamic: false },
  { pattern: /\bimport\("([^"]+)"\)/g, isDynamic: true },
];

export function importsOf(file: SourceFile): Import[] {
  return importPatterns.flatMap(({ pattern, isDynamic }) =>
    [...file.text.matchAll(pattern)].map((match) => {
      const specifier = match[1]!;
      const target = specifier.startsWith(".")
        ? relative(root, resolve(root, dirname(file.path), specifier))
        : undefined;
      return { specifier, target, isDynamic };
    }),
  );
}
