// The verbs of `trogdor kibosh`, as a person runs them.

import { describe, expect, test } from "bun:test";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  errnoOf,
  fill,
  helper,
  mountFolder,
  run,
  until,
} from "../../../kibosh/mounted-folder.suite.ts";
import { unmount } from "../../../kibosh/run-helper.ts";

const main = join(import.meta.dir, "../../main.ts");

function kibosh(...args: readonly string[]): ReturnType<typeof run> {
  return run(process.execPath, "--no-env-file", main, "kibosh", ...args);
}

describe("set, clear and status", () => {
  test("change and show the faults of a mount", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    const { mirror, folder } = mount;
    await writeFile(join(folder, "faults.json"), '{"faults":[{"type":"error","ops":"open"}]}');
    expect((await kibosh("set", mirror, join(folder, "faults.json"))).exitCode).toBe(0);
    expect(await errnoOf(readFile(join(mirror, "a")))).toBe("EIO");
    const status = await kibosh("status", mirror);
    expect(status.out).toContain('fault 0: 1 matched, 1 applied: {"type":"error","ops":"open"}');
    expect(JSON.parse((await kibosh("status", mirror, "--json")).out).faults.length).toBe(1);
    expect((await kibosh("clear", mirror)).exitCode).toBe(0);
    expect((await kibosh("status", mirror)).out).toContain("no faults");
  });

  test("name all that is wrong and end with 2", async () => {
    await using mount = await mountFolder();
    const document = '{"faults":[{"type":"error","ops":"reed"},{"type":"unreadable"}]}';
    const { exitCode, err } = await kibosh("set", mount.mirror, document);
    expect(exitCode).toBe(2);
    expect(err).toContain("faults[0].ops: expected an operation");
    expect(err).toContain("faults[1]: code is missing");
    expect((await kibosh("set", mount.mirror, "no-such-file")).exitCode).toBe(2);
  });

  test("say when there is no mount", async () => {
    const { exitCode, err } = await kibosh("status", "/tmp");
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: "trogdor: /tmp: it is not a Kibosh mount\n",
    });
  });
});

describe("mount, crash and umount", () => {
  test("serve a folder over itself, in the background and in the foreground", async () => {
    await using place = await mountFolder({ prepare: (target) => fill(target, "a") });
    await unmount(helper(), place.mirror);
    const { target } = place;
    const mounted = await kibosh("mount", target, target, "--daemon", "--track-unsynced");
    expect(mounted).toMatchObject({ exitCode: 0, err: "" });
    await writeFile(join(target, "b"), "unsynced");
    expect((await kibosh("crash", target)).exitCode).toBe(0);
    expect(await readdir(target)).toEqual(["a"]);
    expect((await kibosh("umount", target)).exitCode).toBe(0);
    const command = [process.execPath, main, "kibosh", "mount", "--target", target, place.mirror];
    const child = Bun.spawn(command, { stderr: "ignore" });
    await until(async () => (await readdir(place.mirror)).length === 1, "the mount");
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    expect(await readdir(place.mirror)).toEqual([]);
  });

  test("want two folders", async () => {
    const { exitCode, err } = await kibosh("mount", "/tmp/one");
    expect(exitCode).toBe(2);
    expect(err).toContain("trogdor kibosh mount TARGET MOUNTPOINT");
  });
});

describe("watch", () => {
  test("shows what happens until it is interrupted", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    const command = [process.execPath, main, "kibosh", "watch", mount.mirror, "--interval", "0.1"];
    const child = Bun.spawn(command, { stdout: "pipe" });
    let shown = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      shown += decoder.decode(chunk);
      if (/\nread +[1-9]/.test(shown)) break;
      await readFile(join(mount.mirror, "a"));
    }
    child.kill("SIGINT");
    expect(await child.exited).toBe(0);
    expect(shown).toContain("0 held up");
  });
});
