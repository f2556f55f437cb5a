// How the tests are shared out to two processes that run side by side. Most of the time goes by
// waiting for real programs, so that one process alone leaves half of the machine idle.

/** Paths from the root, as bun test takes a file for a file: beginning with "./". */
export type TestPart = readonly string[];

/** What stands beside the code, and what crosses its folders: about as long each. */
export function testParts(root: string): readonly TestPart[] {
  const files = testFiles(root);
  const crosses = (file: string) => file.startsWith("./test/");
  return [files.filter((file) => !crosses(file)), files.filter(crosses)];
}

/** Those that bun test finds by itself. */
export function testFiles(root: string): string[] {
  const found = new Bun.Glob("**/*.test.ts").scanSync({ cwd: root });
  return [...found]
    .filter((file) => !file.split("/").includes("node_modules"))
    .map((file) => `./${file}`)
    .sort();
}
