// Makes dependencies that look for files beside themselves at run time work inside one executable.

import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BunPlugin } from "bun";

const MODULES_DIR = resolve(import.meta.dir, "../../node_modules");

const OWN_REQUIRE = "const require = createRequire(import.meta.url);";

export interface EmbeddedFiles {
  /** Holds the add-on for the platform that is built for. */
  readonly crc32PackageDir: string;
  /** The native programs for its processor: name and path. */
  readonly nativePrograms: ReadonlyMap<string, string>;
  readonly batchesAddOn: string;
}

export function embedPlugin(files: EmbeddedFiles): BunPlugin {
  const { crc32PackageDir, nativePrograms, batchesAddOn } = files;
  return {
    name: "embed",
    setup(build) {
      // @node-rs/crc32 chooses its add-on at run time, by looking at the machine: the choice is
      // made here instead, and the add-on is embedded as a plain file.
      build.onLoad({ filter: /@node-rs\/crc32\/index\.js$/ }, () => ({
        contents: crc32Module(addOnIn(crc32PackageDir)),
        loader: "js",
      }));
      build.onLoad({ filter: /\/src\/kafka\/native\/batch-code\/add-on\.ts$/ }, () => ({
        contents: batchesModule(batchesAddOn),
        loader: "js",
      }));
      build.onLoad({ filter: /\/src\/platform\/native-programs\/program-file\.ts$/ }, () => ({
        contents: programFileModule(nativePrograms),
        loader: "js",
      }));
      // @platformatic/kafka requires some packages through the path of its own file, which in an
      // executable is a folder of the machine that built it: without these lines the bundler sees
      // plain requires, which it resolves now.
      build.onLoad({ filter: /@platformatic\/kafka\/dist\/.*\.js$/ }, async ({ path }) => ({
        contents: (await Bun.file(path).text()).replaceAll(OWN_REQUIRE, ""),
        loader: "js",
      }));
      // @platformatic/wasm-utils reads native.wasm at a path that does not exist in an executable;
      // it ships a second build of itself with the same bytes inside.
      build.onResolve({ filter: /^@platformatic\/wasm-utils$/ }, () => ({
        path: join(MODULES_DIR, "@platformatic/wasm-utils/dist/bundled.js"),
      }));
    },
  };
}

const LOADER = JSON.stringify(join(import.meta.dir, "load-add-on.ts"));

function crc32Module(addOn: string): string {
  return [
    `import path from ${JSON.stringify(addOn)} with { type: "file" };`,
    `import { loadAddOn } from ${LOADER};`,
    // @platformatic/kafka imports it too: loaded when it is called only.
    "let addOn;",
    "export const crc32 = (...values) => (addOn ??= loadAddOn(path)).crc32(...values);",
    "export const crc32c = (...values) => (addOn ??= loadAddOn(path)).crc32c(...values);",
    "",
  ].join("\n");
}

/** In place of the module that compiles the add-on from its sources. */
function batchesModule(addOn: string): string {
  return [
    `import path from ${JSON.stringify(addOn)} with { type: "file" };`,
    `import { loadAddOn } from ${LOADER};`,
    "export const loadBatchesAddOn = () => loadAddOn(path);",
    "",
  ].join("\n");
}

/** In place of the module that compiles native programs from their sources. */
function programFileModule(nativePrograms: ReadonlyMap<string, string>): string {
  const programs = [...nativePrograms];
  const names = programs.map(([name], index) => `${JSON.stringify(name)}: path${index}`);
  return [
    ...programs.map(
      ([, path], index) =>
        `import path${index} from ${JSON.stringify(path)} with { type: "file" };`,
    ),
    `const paths = { ${names} };`,
    "export const programFile = (name) => paths[name];",
    "",
  ].join("\n");
}

function addOnIn(packageDir: string): string {
  const name = readdirSync(packageDir).find((file) => file.endsWith(".node"));
  if (name === undefined) throw new Error(`${packageDir} holds no .node file`);
  return join(packageDir, name);
}
