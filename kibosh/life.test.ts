// Starting, stopping and dying: Kibosh's cases 1 to 9, and that nothing is ever left behind.

import { describe, expect, test } from "bun:test";
import { open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readStatus } from "./mounted.ts";
import { errnoOf, exists, fill, helper, mountFolder, run, until } from "./mounted-folder.suite.ts";
import { mountInBackground, unmount } from "./run-helper.ts";

const root = join(import.meta.dir, "..");
const trogdor = ["timeout", "20", process.execPath, join(root, "src/main.ts")];

async function isMounted(path: string): Promise<boolean> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table.split("\n").some((line) => line.split(" ")[4] === path);
}

async function isAlive(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text !== "" && !/\) Z /.test(text);
}

async function pidOf(file: string): Promise<number> {
  return Number((await readFile(file, "utf8")).trim());
}

describe("trogdor kibosh without a verb", () => {
  test("returns once the mirror shows the target, with options in any order", async () => {
    await using place = await mountFolder({ prepare: (target) => fill(target, "a", "d/b") });
    const { target, mirror, folder, pidfile } = place;
    await unmount(helper(), mirror);
    const forms = [
      [
        ...["--pidfile", pidfile, "--target", target, "--log", `${folder}/l`],
        ...["--control-mode", "666", "--verbose", mirror],
      ],
      [mirror, "--verbose", "--pidfile", pidfile, "--target", target],
    ];
    for (const form of forms) {
      const { exitCode, err } = await run(...trogdor, "kibosh", ...form);
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
      expect(await isMounted(mirror)).toBe(true);
      expect((await readdir(mirror)).sort()).toEqual(["a", "d"]);
      expect(await readFile(join(mirror, "kibosh_control"), "utf8")).toBe('{"faults":[]}');
      const pid = await pidOf(pidfile);
      expect(await isAlive(pid)).toBe(true);
      expect((await run("umount", mirror)).exitCode).toBe(0);
      await until(async () => !(await isAlive(pid)), "the end of the process");
      expect(await exists(pidfile)).toBe(false);
    }
  });

  test("leaves a pidfile that names another process by now", async () => {
    await using place = await mountFolder();
    const pid = await pidOf(place.pidfile);
    await writeFile(place.pidfile, `${process.pid}\n`);
    expect((await run("umount", place.mirror)).exitCode).toBe(0);
    await until(async () => !(await isAlive(pid)), "the end of the process");
    expect(await pidOf(place.pidfile)).toBe(process.pid);
  });

  test("names what is missing and ends with 1", async () => {
    const missing = await run(...trogdor, "kibosh", "/tmp/nowhere-at-all");
    expect(missing.exitCode).toBe(1);
    expect(missing.err).toContain("--target is missing");
    const gone = ["kibosh", "--pidfile", "/tmp/kibosh-no-pid", "--target", "/tmp/no-such", "/tmp"];
    const absent = await run(...trogdor, ...gone);
    expect(absent.exitCode).toBe(1);
    expect(absent.err).toContain("/tmp/no-such does not exist");
    expect(await exists("/tmp/kibosh-no-pid")).toBe(false);
    await using place = await mountFolder();
    await unmount(helper(), place.mirror);
    const pidfile = ["kibosh", "--pidfile", "/tmp/no-such/pid"];
    const unwritable = await run(...trogdor, ...pidfile, "--target", place.target, place.mirror);
    expect(unwritable.exitCode).toBe(1);
    expect(unwritable.err).toContain("the pidfile /tmp/no-such/pid cannot be written");
    expect(await isMounted(place.mirror)).toBe(false);
  });

  test("stays in the foreground with -f and ends with 0 when unmounted", async () => {
    await using place = await mountFolder();
    await unmount(helper(), place.mirror);
    const command = [...trogdor, "kibosh", "-f", "--target", place.target, place.mirror];
    const child = Bun.spawn(command, { stderr: "ignore", stdout: "ignore" });
    await until(() => exists(place.control), "the mount");
    expect(child.exitCode).toBeNull();
    expect((await run("umount", place.mirror)).exitCode).toBe(0);
    expect(await child.exited).toBe(0);
  });
});

describe("the pidfile", () => {
  test("holds the pid of a live process and goes with it", async () => {
    await using mount = await mountFolder();
    const pid = await pidOf(mount.pidfile);
    expect(await isAlive(pid)).toBe(true);
    expect((await stat(mount.pidfile)).mode & 0o777).toBe(0o644);
    expect((await run("umount", mount.mirror)).exitCode).toBe(0);
    await until(async () => !(await isAlive(pid)), "the end of the process");
    expect(await exists(mount.pidfile)).toBe(false);
  });
});

describe("a mount", () => {
  test("that is busy is not unmounted and keeps working", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    const file = await open(join(mount.mirror, "a"));
    expect((await run("umount", mount.mirror)).err).toContain("busy");
    expect((await readdir(mount.mirror)).sort()).toEqual(["a"]);
    await file.close();
  });

  test("over its own target shows what is there", async () => {
    await using place = await mountFolder({ prepare: (target) => fill(target, "a") });
    await unmount(helper(), place.mirror);
    const { target } = place;
    await mountInBackground(helper(), { target, mountpoint: target });
    expect((await stat(join(target, "kibosh_control"))).isFile()).toBe(true);
    await writeFile(join(target, "b"), "through the mount");
    expect((await readdir(target)).sort()).toEqual(["a", "b"]);
    await unmount(helper(), target);
    expect(await readFile(join(target, "b"), "utf8")).toBe("through the mount");
    expect(await exists(join(target, "kibosh_control"))).toBe(false);
  });

  test("is not ended by the supervisor of the one that was there before", async () => {
    await using mount = await mountFolder();
    const { target, mirror, pidfile } = mount;
    const supervisor = await pidOf(pidfile);
    const { pid } = await readStatus(mirror);
    process.kill(supervisor, "SIGSTOP");
    expect((await run("umount", mirror)).exitCode).toBe(0);
    await until(async () => !(await isAlive(pid)), "the end of the first");
    // The kernel gives it the device number of the first.
    await mountInBackground(helper(), { target, mountpoint: mirror });
    process.kill(supervisor, "SIGCONT");
    await until(async () => !(await isAlive(supervisor)), "the end of its supervisor");
    expect(await isMounted(mirror)).toBe(true);
  });

  test("starts without the faults of its predecessor", async () => {
    await using mount = await mountFolder();
    await mount.faults({ type: "read_only" });
    const pid = await pidOf(mount.pidfile);
    await unmount(helper(), mount.mirror);
    await until(async () => !(await isAlive(pid)), "the end of the first");
    await mountInBackground(helper(), { target: mount.target, mountpoint: mount.mirror });
    expect(await readFile(mount.control, "utf8")).toBe('{"faults":[]}');
  });

  test.each(["SIGTERM", "SIGINT"] as const)("ends by %s, also when busy", async (signal) => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    const pid = await pidOf(mount.pidfile);
    const file = await open(join(mount.mirror, "a"));
    process.kill(pid, signal);
    await until(async () => !(await isAlive(pid)), "the end of the process");
    expect(await isMounted(mount.mirror)).toBe(false);
    expect(await exists(mount.pidfile)).toBe(false);
    await file.close().catch(() => undefined);
  });

  test("that lost its process is cleared", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    const supervisor = await pidOf(mount.pidfile);
    const { pid } = await readStatus(mount.mirror);
    process.kill(pid, "SIGKILL");
    await until(async () => !(await isMounted(mount.mirror)), "the dead mount to go");
    await until(async () => !(await isAlive(supervisor)), "the supervisor's end");
    expect(await readdir(mount.mirror)).toEqual([]);
    expect(await mount.log()).toContain("its dead mount was cleared");
  });

  test("that lost its supervisor is unmounted", async () => {
    await using mount = await mountFolder();
    process.kill(await pidOf(mount.pidfile), "SIGKILL");
    await until(async () => !(await isMounted(mount.mirror)), "the unmount");
    expect(await readdir(mount.mirror)).toEqual([]);
  });

  test("of our own form is mounted again under load, without faults", async () => {
    await using mount = await mountFolder({ remount: true, prepare: (t) => fill(t, "a") });
    await mount.faults({ type: "error", ops: "unlink" });
    const load = Bun.spawn(["sh", "-c", `while :; do cat ${mount.mirror}/a; done`], {
      stdout: "ignore",
      stderr: "ignore",
    });
    const before = await readStatus(mount.mirror);
    process.kill(before.pid, "SIGKILL");
    await until(async () => {
      const now = await readStatus(mount.mirror).catch(() => before);
      return now.instance !== before.instance;
    }, "another instance");
    load.kill("SIGKILL");
    await load.exited;
    expect((await readStatus(mount.mirror)).faults).toEqual([]);
    expect((await readFile(join(mount.mirror, "a"))).length).toBe(65_536);
    const entries = (await readFile("/proc/self/mountinfo", "utf8")).split(mount.mirror).length - 1;
    expect(entries).toBe(1);
  });

  test("releases what it holds up when it is told to end", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    await mount.faults({ type: "delay", ops: "read", delay_ms: 60_000 });
    const cat = Bun.spawn(["cat", join(mount.mirror, "a")], { stdout: "ignore", stderr: "ignore" });
    await until(async () => (await readStatus(mount.mirror)).delayed === 1, "a held read");
    process.kill(await pidOf(mount.pidfile), "SIGTERM");
    expect(await cat.exited).toBeNumber();
    await until(async () => !(await isMounted(mount.mirror)), "the unmount");
  });
});

describe("a layout is refused", () => {
  async function refusal(target: string, mountpoint: string): Promise<string> {
    return await mountInBackground(helper(), { target, mountpoint }).then(
      () => "",
      (error: Error) => error.message,
    );
  }

  test("in a sentence", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "d/a", "f") });
    const { target, mirror, folder } = mount;
    await Bun.$`mkdir ${folder}/empty ${folder}/full && touch ${folder}/full/x`.quiet();
    const cases: [string, string, string][] = [
      [target, mirror, "is a Kibosh mount already"],
      [target, join(mirror, "d"), "lies inside the Kibosh mount"],
      [join(mirror, "d"), `${folder}/empty`, "lies inside the Kibosh mount"],
      [target, join(target, "d"), "lies inside the target"],
      [`${folder}/none`, `${folder}/empty`, "does not exist"],
      [target, `${folder}/none`, "does not exist"],
      [join(target, "f"), `${folder}/empty`, "is not a folder"],
      [target, `${folder}/full`, "is not empty"],
    ];
    for (const [from, to, why] of cases) expect(await refusal(from, to)).toContain(why);
  });

  test("unless what is there is dead", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    const { pid } = await readStatus(mount.mirror);
    const supervisor = await pidOf(mount.pidfile);
    // Without its supervisor nobody clears the mount.
    process.kill(supervisor, "SIGSTOP");
    process.kill(pid, "SIGKILL");
    await until(async () => (await errnoOf(stat(mount.mirror))) === "ENOTCONN", "the death");
    await mountInBackground(helper(), { target: mount.target, mountpoint: mount.mirror });
    expect(await readdir(mount.mirror)).toEqual(["a"]);
    process.kill(supervisor, "SIGKILL");
  });
});
