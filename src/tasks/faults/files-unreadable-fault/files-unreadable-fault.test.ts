// FilesUnreadableFault against the contract of the control file.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realFiles } from "../../../platform/files/real-files.ts";
import { describeFault } from "../../describe-fault.suite.ts";
import { sceneContext } from "../../fault-scene.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { makeScene } from "./scene.suite.ts";
import { filesUnreadable } from "./worker.ts";

describeFault("FilesUnreadableFault", makeScene);

let mount: string;
let control: string;
beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), "trogdor-control-"));
  control = join(mount, "kibosh_control");
  writeFileSync(control, '{"faults":[]}');
});
afterEach(() => rmSync(mount, { recursive: true, force: true }));

async function context() {
  const scene = await makeScene();
  await scene[Symbol.asyncDispose]();
  return sceneContext(scene);
}

function specOf(fields: object) {
  const all = { class: "FilesUnreadableFault", nodeNames: ["a"], mountPath: mount, errorCode: 5 };
  return parseTaskSpec(JSON.stringify({ ...all, ...fields })).spec;
}

const document = () => readFileSync(control, "utf8");

describe("FilesUnreadableFault", () => {
  test("writes the errno under both names", async () => {
    const node = await context();
    const plan = await filesUnreadable.plan(specOf({ prefix: "/foo", errorCode: 12 }), node);
    await filesUnreadable.apply(plan, node);
    const fault = '{"type":"unreadable","prefix":"/foo","code":12,"errorCode":12}';
    expect(document()).toBe(`{"faults":[${fault}]}`);
    await filesUnreadable.undo(plan, node);
    expect(document()).toBe('{"faults":[]}');
  });

  test("case 14: stands beside another on its mount, and takes only itself away", async () => {
    const node = await context();
    const specs = ["/foo", "/bar"].map((prefix) => specOf({ prefix, errorCode: 123 }));
    const plans = await Promise.all(specs.map((spec) => filesUnreadable.plan(spec, node)));
    for (const plan of plans) await filesUnreadable.apply(plan, node);
    const written = (prefix: string) =>
      `{"type":"unreadable","prefix":"${prefix}","code":123,"errorCode":123}`;
    expect(document()).toBe(`{"faults":[${written("/foo")},${written("/bar")}]}`);
    await filesUnreadable.undo(plans[0]!, node);
    expect(document()).toBe(`{"faults":[${written("/bar")}]}`);
    const { applied, undone } = filesUnreadable.words;
    expect([applied(specs[0], "foo", plans[0]!), undone(specs[0], "foo")]).toEqual([
      "Added fault foo",
      "Removed fault foo",
    ]);
  });

  test("is removed for good though another process writes back a list that has it", async () => {
    const node = await context();
    const plan = await filesUnreadable.plan(specOf({ prefix: "/foo" }), node);
    await filesUnreadable.apply(plan, node);
    const before = document();
    let isWrittenBack = false;
    const files: typeof node.files = {
      ...node.files,
      async readText(path) {
        const text = await node.files.readText(path);
        // Right after the undo has seen that its fault is gone.
        if (path === control && text !== before && !isWrittenBack) {
          isWrittenBack = true;
          writeFileSync(control, before);
        }
        return text;
      },
    };
    await filesUnreadable.undo(plan, { ...node, files });
    expect(isWrittenBack).toBe(true);
    expect(document()).toBe('{"faults":[]}');
  });

  test("leaves what others wrote as they wrote it, whatever is added meanwhile", async () => {
    const foreign = '{"type":"read_delay","delay_ms":1,"fraction":1.0,"weight":1e400}';
    writeFileSync(control, `{ "faults": [${foreign}], "big": 12345678901234567890 }`);
    const node = await context();
    const plan = await filesUnreadable.plan(specOf({}), node);
    await filesUnreadable.apply(plan, node);
    const ours = '{"type":"unreadable","prefix":"/","code":5,"errorCode":5}';
    const others = '"big":12345678901234567890';
    expect(document()).toBe(`{"faults":[${foreign},${ours}],${others}}`);
    const later = '{"type":"unwritable","code":1}';
    writeFileSync(control, `{"faults":[${foreign},${ours},${later}],${others}}`);
    await filesUnreadable.undo(plan, node);
    expect(document()).toBe(`{"faults":[${foreign},${later}],${others}}`);
  });

  test("loses none of many faults at the same time on one mount", async () => {
    const node = await context();
    const prefixes = Array.from({ length: 20 }, (_, index) => `/topic-${index}`);
    const specs = prefixes.map((prefix) => specOf({ prefix, mountPath: `${mount}//` }));
    const plans = await Promise.all(specs.map((spec) => filesUnreadable.plan(spec, node)));
    await Promise.all(plans.map((plan) => filesUnreadable.apply(plan, node)));
    for (const plan of plans) expect(await filesUnreadable.probe(plan, node)).toBe("");
    await Promise.all(plans.map((plan) => filesUnreadable.undo(plan, node)));
    expect(document()).toBe('{"faults":[]}');
  });

  test("is refused a second time on the same mount", async () => {
    const node = await context();
    const plan = await filesUnreadable.plan(specOf({}), node);
    await filesUnreadable.apply(plan, node);
    const again = filesUnreadable.plan(specOf({}), node);
    await expect(again).rejects.toThrow("has this fault already");
  });

  test("says that there is no mount, and changes nothing", async () => {
    const missing = join(mount, "nosuch");
    const plan = filesUnreadable.plan(specOf({ mountPath: missing }), await context());
    await expect(plan).rejects.toThrow(`Can't find file ${missing}/kibosh_control`);
    expect(existsSync(missing)).toBe(false);
  });

  test("fails with the mount's own reason when the mount keeps its old faults", async () => {
    writeFileSync(`${control}_error`, "faults[0].code: expected an errno\n");
    const node = await context();
    const deaf = { ...node, files: { ...realFiles, writeText: async () => {} } };
    const plan = await filesUnreadable.plan(specOf({}), deaf);
    await expect(filesUnreadable.apply(plan, deaf)).rejects.toThrow(
      "refused its new faults: faults[0].code: expected an errno",
    );
  });

  test("is in force only when no file has data cached from before", async () => {
    const node = await context();
    const plan = await filesUnreadable.plan(specOf({}), node);
    await filesUnreadable.apply(plan, node);
    writeFileSync(join(mount, "kibosh_status"), '{"pendingInvalidations":2}');
    expect(await filesUnreadable.probe(plan, node)).toContain("found 2 files with some");
  });

  test("names every problem of its spec", async () => {
    const { taskType, spec } = parseTaskSpec('{"class":"FilesUnreadableFault","durationMs":1}');
    const problems = await checkTaskSpec(taskType, spec);
    expect(problems.map(({ path }) => path)).toEqual(["nodeNames", "mountPath", "errorCode"]);
  });
});
