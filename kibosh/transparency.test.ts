// With no fault set the mount is the file system below: random system calls compared with a plain
// folder, and programs that ask much of a file system. Kibosh's cases 64 to 71.

import { describe, expect, test } from "bun:test";
import { mkdir, open, readdir, readFile, rmdir, statfs, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readStatus } from "./mounted.ts";
import { errnoOf, fill, type MountedFolder, mountFolder, run } from "./mounted-folder.suite.ts";

const programs = join(import.meta.dir, "transparency");
const as1234 = ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups"];

/** Runs a shell script in a folder of the mount and in a plain one; both say the same. */
async function compare(mount: MountedFolder, script: string): Promise<string> {
  const plain = join(mount.folder, "plain");
  await mkdir(plain, { recursive: true });
  const shell = ["sh", "-e", "-c", `cd "$1"; ${script}`, "sh"];
  const [expected, got] = [await run(...shell, plain), await run(...shell, mount.mirror)];
  const shown = ({ exitCode, out, err }: typeof got) => ({ exitCode, out, err });
  expect(shown(got)).toEqual(shown(expected));
  return got.out;
}

describe("random system calls", () => {
  test.each([1, 2, 3, 4])("say and leave the same as in a plain folder, seed %d", async (seed) => {
    await using mount = await mountFolder();
    const plain = join(mount.folder, "plain");
    await mkdir(plain);
    const command = ["python3", join(programs, "compare.py"), plain, mount.mirror, mount.target];
    const { exitCode, out, err } = await run(...command, "2500", String(seed));
    expect({ exitCode, out, err }).toEqual({ exitCode: 0, out: "\n", err: "" });
  });
});

describe("programs", () => {
  test("files fit into few descriptors", async () => {
    await using mount = await mountFolder();
    const { pid } = await readStatus(mount.mirror);
    // As in a container that may not raise its limit.
    await Bun.$`prlimit --pid ${pid} --nofile=500:500`.quiet();
    const script = `i=0; while [ $i -lt 1500 ]; do echo $i > f$i; i=$((i+1)); done
      cat f7 f1499; mv f7 g7; chmod 600 f8; cat g7 f8; ls | wc -l; rm -rf *; ls`;
    await compare(mount, script);
  });

  test("SQLite keeps a database in both of its journal modes", async () => {
    await using mount = await mountFolder();
    for (const mode of ["delete", "wal"]) {
      const script = `python3 -c '
import sqlite3
db = sqlite3.connect("${mode}.db", isolation_level=None)
print(db.execute("pragma journal_mode=${mode}").fetchall())
db.execute("create table t(a integer primary key, b text)")
db.execute("begin")
db.executemany("insert into t values(?, ?)", ((i, "x" * (i % 97)) for i in range(3000)))
db.execute("commit")
db.execute("begin")
db.execute("delete from t where a % 3 = 0")
db.execute("rollback")
db.execute("update t set b = b || a where a % 2 = 0")
db.execute("vacuum")
print(db.execute("pragma integrity_check").fetchall())
print(db.execute("select count(*), sum(length(b)) from t").fetchall())'`;
      expect(await compare(mount, script)).toContain("ok");
    }
  });

  test("git makes, clones, packs and checks a repository", async () => {
    await using mount = await mountFolder();
    const script = `export GIT_AUTHOR_DATE="100000000 +0000" HOME=$PWD
      export GIT_COMMITTER_DATE="$GIT_AUTHOR_DATE"
      git init -q r; cd r; git config user.email a@b; git config user.name n
      for i in 1 2 3; do seq $i 2000 > f$i; git add f$i; git commit -qm $i; done
      git gc -q; git fsck --strict 2>/dev/null; cd ..; git clone -q r c; git -C c rev-parse HEAD
      git -C c status --short; cp -r c d; diff -r c d`;
    expect(await compare(mount, script)).toMatch(/^[0-9a-f]{40}\n$/);
  });

  test("direct I/O, sparse files, pipes through sendfile and archives work", async () => {
    await using mount = await mountFolder();
    await compare(
      mount,
      `dd if=/dev/zero bs=4096 count=8 of=direct oflag=direct 2>/dev/null; cksum direct
      dd if=direct bs=4096 iflag=direct 2>/dev/null | cksum
      truncate -s 64M sparse; du -k sparse | cut -f1
      cp --sparse=always sparse copy; cmp sparse copy
      seq 100000 > text; cat text | cksum; tar cf a.tar direct text; tar tf a.tar
      seq 5 > x; exec 3<x; rm x; cat <&3; mkfifo pipe; (echo through > pipe &) ; cat pipe
      flock text -c 'flock -n text true || echo locked'; ln text other; stat -c %h text`,
    );
  });
});

describe("an open file", () => {
  test("lives on without a name, and nothing takes its place", async () => {
    await using mount = await mountFolder();
    const file = await open(join(mount.mirror, "gone"), "w+");
    await file.write("before");
    await unlink(join(mount.mirror, "gone"));
    await file.write(" and after");
    expect((await file.read(Buffer.alloc(16), 0, 16, 0)).buffer.toString()).toBe(
      "before and after",
    );
    expect(await readdir(mount.target)).toEqual([]);
    await file.close();
  });

  test("that is appended to in the mount and in the target loses nothing", async () => {
    await using mount = await mountFolder();
    const files = [await open(join(mount.mirror, "log"), "a")];
    files.push(await open(join(mount.target, "log"), "a"));
    for (let i = 0; i < 10; i += 1) await files[i % 2]!.write(`${i}`);
    expect(await readFile(join(mount.target, "log"), "utf8")).toBe("0123456789");
    for (const file of files) await file.close();
  });

  test("takes over what was stored into its mapping when that is synced", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    const script = `
import mmap
with open("${mount.mirror}/a", "r+b") as f:
    m = mmap.mmap(f.fileno(), 0)
    m[4090:4100] = b"0123456789"
    m.flush()
    print(open("${mount.target}/a", "rb").read()[4090:4100].decode())`;
    expect(await run("python3", "-c", script)).toMatchObject({ err: "", out: "0123456789\n" });
  });

  test("is not made where there is one, and folders that hold some are not removed", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "d/a") });
    expect(await errnoOf(open(join(mount.mirror, "d/a"), "wx"))).toBe("EEXIST");
    expect(await errnoOf(rmdir(join(mount.mirror, "d")))).toBe("ENOTEMPTY");
  });
});

describe("other users", () => {
  test("own what they make, with their umask, and are refused what is not theirs", async () => {
    await using mount = await mountFolder({
      prepare: async (target) => {
        await Bun.$`chmod 1777 ${target}`.quiet();
        await writeFile(join(target, "secret"), "s", { mode: 0o600 });
        await Bun.$`mkdir ${target}/group && chgrp 77 ${target}/group`.quiet();
        await Bun.$`chmod 2777 ${target}/group`.quiet();
      },
    });
    await run("chmod", "755", mount.folder);
    const script = `cd ${mount.mirror}; umask 027; echo x > mine; mkdir folder; echo y > group/f
      chmod 4755 mine; cat secret; rm secret`;
    const { err } = await run(...as1234, "sh", "-c", script);
    expect(err.match(/Permission denied|not permitted/g)?.length).toBe(2);
    const { out } = await run(
      "sh",
      "-c",
      `cd ${mount.target}; stat -c '%n %u %g %a' mine folder group/f`,
    );
    expect(out).toBe("mine 1234 1234 4755\nfolder 1234 1234 750\ngroup/f 1234 77 640\n");
    // Whoever else writes to such a file takes its set-user-ID bit away.
    await run("chmod", "o+w", join(mount.target, "mine"));
    await run(
      "setpriv",
      "--reuid=99",
      "--clear-groups",
      "sh",
      "-c",
      `echo z >> ${mount.mirror}/mine`,
    );
    expect((await run("stat", "-c", "%a", join(mount.target, "mine"))).out).toBe("757\n");
  });

  test("obey access lists of the target", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    await run("chmod", "755", mount.folder);
    await Bun.$`chmod 600 ${mount.target}/a`.quiet();
    // user::rw-, user:1234:r--, group::---, mask::r--, other::---
    const list = "0sAgAAAAEABgD/////AgAEANIEAAAEAAAA/////xAABAD/////IAAAAP////8=";
    await run(
      "python3",
      "-c",
      `import os,base64
os.setxattr("${mount.mirror}/a", "system.posix_acl_access", base64.b64decode("${list.slice(2)}"))`,
    );
    expect((await run(...as1234, "head", "-c1", `${mount.mirror}/a`)).exitCode).toBe(0);
    const other = ["setpriv", "--reuid=1235", "--regid=1235", "--clear-groups"];
    expect((await run(...other, "head", "-c1", `${mount.mirror}/a`)).exitCode).toBe(1);
  });
});

describe("a mount", () => {
  test("reports the space of its target", async () => {
    await using mount = await mountFolder();
    const [shown, real] = [await statfs(mount.mirror), await statfs(mount.target)];
    expect([shown.blocks, shown.bsize, shown.files]).toEqual([real.blocks, real.bsize, real.files]);
    const longest = async (folder: string) => (await run("stat", "-f", "-c", "%l", folder)).out;
    expect(await longest(mount.mirror)).toBe(await longest(mount.target));
  });

  test("takes names of any bytes and of 255 of them", async () => {
    await using mount = await mountFolder();
    await compare(
      mount,
      `n=$(printf 'x%.0s' $(seq 255)); touch "$n" "$(printf 'a\\nb')" "$(printf '\\377\\376')"
      ls | cksum; touch "x$n" 2>&1 | grep -c 'too long'`,
    );
  });

  test("follows links out of the target as the native file system does", async () => {
    await using mount = await mountFolder();
    await compare(
      mount,
      "ln -s /etc/hostname out; ln -s nowhere dangling; cat out; readlink dangling",
    );
  });
});
