// The control file: Kibosh's cases 10 to 33, and how errors reach whoever writes it.

import { describe, expect, test } from "bun:test";
import { open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { controlDocumentProblems } from "./control-document.ts";
import { errnoOf, fill, mountFolder, run } from "./mounted-folder.suite.ts";

const inForce = '{"faults": [{"type": "unreadable", "prefix": "/foo", "code": 12}]}';
const text = (file: string) => readFile(file, "utf8");

describe("a fresh control file", () => {
  test("holds an empty list, is hidden from listings and is a regular file", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    expect(await text(mount.control)).toBe('{"faults":[]}');
    expect(await readdir(mount.mirror)).toEqual(["a"]);
    const status = await stat(mount.control);
    expect([status.isFile(), status.size, status.nlink]).toEqual([true, 13, 1]);
    expect(status.mode & 0o777).toBe(0o600);
  });

  test("is found at the top only", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "d/a") });
    expect(await errnoOf(stat(join(mount.mirror, "d/kibosh_control")))).toBe("ENOENT");
  });

  test("obeys its mode", async () => {
    await using mount = await mountFolder({ controlMode: "640" });
    const other = ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups"];
    expect((await run(...other, "cat", mount.control)).err).toContain("Permission denied");
    await using open666 = await mountFolder({ controlMode: "666" });
    await run("chmod", "755", open666.folder);
    const set = `echo '{}' > ${open666.control}`;
    expect((await run(...other, "sh", "-c", set)).exitCode).toBe(0);
    expect(await text(open666.control)).toBe("{}\n");
  });
});

describe("a document", () => {
  test("is returned byte for byte, with its newline and fields that nobody knows", async () => {
    await using mount = await mountFolder();
    const texts = [
      inForce,
      "{}",
      '{"faults":[]}\n',
      ' { "other" : [ 1 ] , "faults" : [ {"type":"unreadable","code":5,"mine":{"a":1}} ] } \n',
    ];
    for (const one of texts) {
      await mount.set(one);
      expect(await text(mount.control)).toBe(one);
      expect(await text(`${mount.control}_error`)).toBe("");
    }
  });

  test("of 16383 bytes and of many more is taken", async () => {
    await using mount = await mountFolder();
    for (const size of [16_383, 16_384, 500_000]) {
      const long = inForce.padEnd(size);
      await mount.set(long);
      expect(await text(mount.control)).toBe(long);
    }
  });

  test("takes effect as a whole when it is closed, however it was written", async () => {
    await using mount = await mountFolder();
    await mount.set(inForce);
    const file = await open(mount.control, "w");
    const next = '{"faults": [{"type": "unwritable", "prefix": "/bar", "code": 28}]}';
    for (let at = 0; at < next.length; at += 7) {
      await file.write(next.slice(at, at + 7));
      expect(await text(mount.control)).toBe(inForce);
    }
    await file.close();
    expect(await text(mount.control)).toBe(next);
  });

  test("of the writer who closes last wins", async () => {
    await using mount = await mountFolder();
    const a = await open(mount.control, "w");
    const b = await open(mount.control, "w");
    await a.write('{"a":1}');
    await b.write('{"b":1}');
    await b.close();
    expect(await text(mount.control)).toBe('{"b":1}');
    await a.close();
    expect(await text(mount.control)).toBe('{"a":1}');
  });

  test("is not changed by reading, or by closing what was opened to write", async () => {
    await using mount = await mountFolder();
    await mount.set(inForce);
    await (await open(mount.control, "r")).close();
    await (await open(mount.control, "w")).close();
    expect(await text(mount.control)).toBe(inForce);
    // The empty text was evaluated after the close, and refused.
    expect(await text(`${mount.control}_error`)).toContain("ends too early");
  });

  test("grows by appending and shrinks by truncation", async () => {
    await using mount = await mountFolder();
    await mount.set("{}");
    expect((await run("sh", "-c", `echo >> ${mount.control}`)).exitCode).toBe(0);
    expect(await text(mount.control)).toBe("{}\n");
    const file = await open(mount.control, "r+");
    await file.truncate(2);
    await file.close();
    expect(await text(mount.control)).toBe("{}");
  });

  test("may begin with a byte-order mark, hold escapes and trailing commas", async () => {
    await using mount = await mountFolder();
    await mount.set('\uFEFF{"faults":[{"type":"unreadable","prefix":"\\u002ffoo","code":5,},],}');
    await fill(mount.mirror, "foo");
    expect(await errnoOf(readFile(join(mount.mirror, "foo")))).toBe("EIO");
  });
});

const good = '{"type":"unreadable","code":5}';
const refused: [string, string][] = [
  ["not JSON", "nonsense}"],
  ["an unknown type beside a good fault", `{"faults":[${good},{"type":"odd"}]}`],
  ["a type in capitals", '{"faults":[{"type":"UNREADABLE","code":5}]}'],
  ["no object", "[]"],
  ["faults that are null", '{"faults": null}'],
  ["faults that are an object", '{"faults": {}}'],
  ["faults that are a string", '{"faults": "x"}'],
  ["a fault that is no object", '{"faults":[1]}'],
  ["no code", '{"faults":[{"type":"unreadable"}]}'],
  ["no delay_ms", '{"faults":[{"type":"read_delay","fraction":1.0}]}'],
  ["no fraction", '{"faults":[{"type":"read_delay","delay_ms":1}]}'],
  ["no mode", '{"faults":[{"type":"read_corrupt","fraction":1.0,"count":1}]}'],
  ["a code in quotes", '{"faults":[{"type":"unreadable","code":"5"}]}'],
  ["a code with a fraction", '{"faults":[{"type":"unreadable","code":5.5}]}'],
  ["a code that is true", '{"faults":[{"type":"unreadable","code":true}]}'],
  ["a code of 0", '{"faults":[{"type":"unreadable","code":0}]}'],
  ["a code of 512", '{"faults":[{"type":"unreadable","code":512}]}'],
  ["a prefix that is a number", '{"faults":[{"type":"unreadable","code":5,"prefix":1}]}'],
  ["a suffix that is null", '{"faults":[{"type":"unreadable","code":5,"suffix":null}]}'],
  ["a fraction above 1", '{"faults":[{"type":"read_delay","delay_ms":1,"fraction":2.5}]}'],
  ["a negative delay", '{"faults":[{"type":"read_delay","delay_ms":-1,"fraction":1}]}'],
  ["an unknown mode", '{"faults":[{"type":"read_corrupt","mode":7,"fraction":1}]}'],
  ["an unknown field of ours", '{"faults":[{"type":"error","ops":"read","x":1}]}'],
  ["an unknown operation", '{"faults":[{"type":"error","ops":["reed"]}]}'],
];

describe("a document that is refused", () => {
  test.each(refused)("keeps the old faults and fails its writer: %s", async (_, bad) => {
    await using mount = await mountFolder();
    await mount.set(inForce);
    await expect(mount.set(bad)).rejects.toThrow();
    expect(controlDocumentProblems(bad)).not.toEqual([]);
    expect(await text(mount.control)).toBe(inForce);
    expect(await text(`${mount.control}_error`)).not.toBe("");
  });

  test("says everything that is wrong, with its path", async () => {
    await using mount = await mountFolder();
    const bad = '{"faults":[{"type":"unreadable"},{"type":"error","ops":"fsync","cod":5}]}';
    await expect(mount.set(bad)).rejects.toThrow(
      "faults[0].code is missing, expected an errno from 1 to 511, or its name such as " +
        '"EIO"\nfaults[1].cod is not a field of this type of fault',
    );
    expect(await mount.log()).toContain("refused a control document: faults[0].code is missing");
  });

  test("is too large with more than 1 MiB, or with more than 10000 faults", async () => {
    await using mount = await mountFolder();
    const long = `{"faults":[]${" ".repeat(1024 * 1024)}}`;
    expect(await errnoOf(writeFile(mount.control, long))).toBe("EFBIG");
    expect(await text(`${mount.control}_error`)).toBe(
      "the document is longer than 1048576 bytes\n",
    );
    // In pieces, as cp writes: the pieces that did fit are not evaluated.
    const pieces = await open(mount.control, "w");
    const piece = Buffer.alloc(1024 * 1024 - 2, " ");
    await pieces.write(piece);
    expect(await errnoOf(pieces.write("    "))).toBe("EFBIG");
    await pieces.close();
    expect(await text(`${mount.control}_error`)).toContain("longer than 1048576 bytes");
    const many = `{"faults":[${Array(10_001).fill(good).join(",")}]}`;
    expect(await errnoOf(writeFile(mount.control, many))).toBe("EFBIG");
    const most = `{"faults":[${Array(10_000).fill(good).join(",")}]}`;
    expect(await errnoOf(writeFile(mount.control, most))).toBe("");
  });

  test("fails the close when only its end shows that it is incomplete", async () => {
    await using mount = await mountFolder();
    const script = `f = open("${mount.control}", "wb", 0); f.write(b'{"faults":'); f.close()`;
    expect((await run("python3", "-c", script)).err).toContain("[Errno 22] Invalid argument");
  });
});

describe("accepted as well", () => {
  const accepted: [string, string][] = [
    ["a negative code", '{"faults":[{"type":"unreadable","code":-5}]}'],
    ["a code by name", '{"faults":[{"type":"unreadable","code":"ENOSPC"}]}'],
    ["errorCode for code", '{"faults":[{"type":"unreadable","errorCode":5}]}'],
    ["a fraction with a point", '{"faults":[{"type":"read_delay","delay_ms":1,"fraction":1.0}]}'],
    ["a fraction with exponent", '{"faults":[{"type":"read_delay","delay_ms":1,"fraction":1e0}]}'],
    ["a whole fraction", '{"faults":[{"type":"read_delay","delay_ms":1,"fraction":1}]}'],
    ["a mode by name", '{"faults":[{"type":"read_corrupt","mode":"zero","fraction":1}]}'],
    ["no faults at all", '{"other":1}'],
  ];
  test.each(accepted)("%s", async (_, document) => {
    await using mount = await mountFolder();
    await mount.set(document);
    expect(await text(mount.control)).toBe(document);
    expect(controlDocumentProblems(document)).toEqual([]);
  });
});

describe("the shells and languages people write it with", () => {
  const writers: [string, (control: string, text: string) => string[]][] = [
    ["bash", (control, doc) => ["bash", "-c", `echo '${doc}' > ${control}`]],
    ["dash", (control, doc) => ["dash", "-c", `echo '${doc}' > ${control}`]],
    ["tee", (control, doc) => ["sh", "-c", `echo '${doc}' | tee ${control}`]],
    ["cat", (control, doc) => ["sh", "-c", `cat > ${control} << E\n${doc}\nE`]],
    [
      "python",
      (control, doc) => ["python3", "-c", `with open("${control}", "w") as f: f.write('${doc}')`],
    ],
  ];
  test.each(writers)(
    "%s succeeds with a good document and fails with a bad one",
    async (_, how) => {
      await using mount = await mountFolder();
      expect((await run(...how(mount.control, inForce))).exitCode).toBe(0);
      expect((await text(mount.control)).trim()).toBe(inForce);
      const result = await run(...how(mount.control, '{"faults":[{"type":"odd"}]}'));
      expect(result.exitCode).not.toBe(0);
      expect(result.err).toMatch(/Invalid argument|I\/O error/);
      expect((await text(mount.control)).trim()).toBe(inForce);
    },
  );

  test("a child that inherits the descriptor and ends in mid-document harms nothing", async () => {
    await using mount = await mountFolder();
    const script = `exec 3> ${mount.control}; printf '{"faults":' >&3; (exit 0); printf '[]}' >&3`;
    expect((await run("bash", "-c", script)).exitCode).toBe(0);
    expect(await text(mount.control)).toBe('{"faults":[]}');
    expect(await text(`${mount.control}_error`)).toBe("");
  });
});

describe("the name of the control file", () => {
  test("cannot be removed, replaced, linked or changed", async () => {
    await using mount = await mountFolder({ prepare: (target) => fill(target, "a") });
    const { control, mirror } = mount;
    const actions: [string[], string][] = [
      [["rm", control], "Operation not permitted"],
      [["mv", control, `${mirror}/b`], "Operation not permitted"],
      [["mv", `${mirror}/a`, control], "Operation not permitted"],
      [["ln", control, `${mirror}/b`], "Operation not permitted"],
      [["chmod", "777", control], "Operation not permitted"],
      [["mkdir", control], "File exists"],
    ];
    for (const [command, why] of actions) expect((await run(...command)).err).toContain(why);
    expect(await readdir(mount.target)).toEqual(["a"]);
  });
});
