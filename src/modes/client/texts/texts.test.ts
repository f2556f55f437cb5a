// The reference's texts: dates, durations, tables, what a task's line says in each state.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readAgentStatus, readTask } from "../../../rest/read-answer.ts";
import { statusText, uptimeText, workerTableText } from "./daemon-texts.ts";
import { fittedGridText, gridText } from "./grid.ts";
import { dateText, durationText } from "./java-time.ts";
import { fittedTaskTable, infoText, taskTableText, taskText } from "./task-texts.ts";
import { shortClassName, taskView } from "./task-view.ts";

const utc = { offsetMinutes: 0 };

describe("dateText (case 44)", () => {
  test.each([
    [1546981169850, 0, "2019-01-08T20:59:29.85Z"],
    [1546981169050, 0, "2019-01-08T20:59:29.05Z"],
    [1546981169000, 0, "2019-01-08T20:59:29Z"],
    [1546981170000, 0, "2019-01-08T20:59:30Z"],
    [1546981200000, 0, "2019-01-08T21:00:00Z"],
    [1546981169850, -480, "2019-01-08T12:59:29.85-08:00"],
    [1546981169123, 330, "2019-01-09T02:29:29.123+05:30"],
    [-1, 0, "1969-12-31T23:59:59.999Z"],
    [2n ** 63n - 1n, 0, "9223372036854775807 ms after 1970"],
  ])("of %p at %p minutes is %p", (ms, offsetMinutes, text) => {
    expect(dateText(ms, { offsetMinutes })).toBe(text);
  });

  test("stands for the same instant", () => {
    const times = fc.tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: -56, max: 56 }));
    fc.assert(
      fc.property(times, ([ms, quarters]) => {
        expect(Date.parse(dateText(ms, { offsetMinutes: quarters * 15 }))).toBe(ms);
      }),
    );
  });
});

describe("durationText (case 44)", () => {
  test.each([
    [0, "0s"],
    [999, "0s"],
    [60_000, "1m"],
    [61_200, "1m1s"],
    [7_200_000, "2h"],
    [7_201_000, "2h1s"],
    [7_503_000, "2h5m3s"],
    [1e15, "277777777h46m40s"],
  ])("of %p is %p", (ms, text) => expect(durationText(ms)).toBe(text));
});

describe("gridText (case 45)", () => {
  test("pads every cell to the widest of its column and a blank", () => {
    const rows = [
      ["ANIMAL", "NUMBER", "INDEX"],
      ["lion", "1", "12345"],
      ["manatee", "50", "1"],
    ];
    expect(gridText(rows)).toBe(
      "ANIMAL  NUMBER INDEX \nlion    1      12345 \nmanatee 50     1     \n",
    );
  });
});

describe("fittedGridText", () => {
  test("is never wider than asked, down to a readable minimum", () => {
    const cells = fc.array(fc.array(fc.string(), { minLength: 3, maxLength: 3 }), { minLength: 1 });
    fc.assert(
      fc.property(cells, fc.integer({ min: 28, max: 120 }), (rows, width) => {
        for (const line of fittedGridText({ rows, width }).split("\n")) {
          expect(line.length).toBeLessThanOrEqual(width);
        }
      }),
    );
  });

  test("takes out what would disturb a terminal", () => {
    expect(fittedGridText({ rows: [["a\u001b[2Jb\nc"]], width: 80 })).toBe("a [2Jb c\n");
  });
});

const spec =
  '{"class":"org.apache.kafka.trogdor.task.NoOpTaskSpec","startMs":1000,"durationMs":60000}';
const view = (id: string, members: string) => taskView(id, readTask(`{"spec":${spec},${members}}`));

const pending = view("p", '"state":"PENDING","status":null');
const running = view("r", '"state":"RUNNING","startedMs":2000,"status":"active"');
const failed = view(
  "f",
  '"state":"DONE","startedMs":2000,"doneMs":65000,"error":"oh\\nno","cancelled":true,"status":null',
);

describe("infoText (case 43)", () => {
  const done = (members: string) => view("d", `"state":"DONE","doneMs":65000,${members}`);

  test.each([
    ["pending", pending, "Will start at 1970-01-01T00:00:01Z"],
    ["running", running, "Started 1970-01-01T00:00:02Z; will stop after 1m"],
    ["stopping", view("s", '"state":"STOPPING","startedMs":2000'), "Started 1970-01-01T00:00:02Z"],
    [
      "finished",
      done('"startedMs":2000,"cancelled":false'),
      "FINISHED at 1970-01-01T00:01:05Z after 1m3s",
    ],
    [
      "cancelled",
      done('"startedMs":2000,"error":"","cancelled":true'),
      "CANCELLED at 1970-01-01T00:01:05Z after 1m3s",
    ],
    ["failed though cancelled", failed, "FAILED at 1970-01-01T00:01:05Z after 1m3s"],
    [
      "never started",
      done('"startedMs":-1,"cancelled":true'),
      "CANCELLED at 1970-01-01T00:01:05Z before it started",
    ],
  ] as const)("of a task that is %s", (_state, task, text) => {
    expect(infoText(task, utc)).toBe(text);
  });
});

describe("taskTableText", () => {
  test("says when there is none", () => {
    expect(taskTableText([], utc)).toBe("No matching tasks found.\n");
  });

  test("ends in blanks and an empty line", () => {
    expect(taskTableText([pending], utc)).toBe(
      [
        "ID TYPE                                       STATE   INFO                               ",
        "p  org.apache.kafka.trogdor.task.NoOpTaskSpec PENDING Will start at 1970-01-01T00:00:01Z ",
        "",
        "",
      ].join("\n"),
    );
  });
});

describe("fittedTaskTable", () => {
  const paint = (text: string, colour: string) => `<${colour}>${text}</>`;

  test("shortens the types, colours the states and says why a task failed", () => {
    expect(fittedTaskTable([running, failed], utc, { width: 100, paint })).toBe(
      [
        "ID  TYPE  STATE    INFO",
        "r   NoOp  <yellow>RUNNING</>  <yellow>Started 1970-01-01T00:00:02Z; will stop after 1m</>",
        "f   NoOp  <red>DONE</>     <red>FAILED at 1970-01-01T00:01:05Z after 1m3s: oh no</>",
        "",
      ].join("\n"),
    );
  });

  test("fits a narrow terminal", () => {
    const text = fittedTaskTable([running], utc, { width: 40, paint: (cell) => cell });
    expect(text.split("\n")[1]).toBe("r   NoOp  RUNNING  Started 1970-01-01T0…");
  });
});

describe("taskText", () => {
  test("shows what is asked for", () => {
    const options = { showSpec: true, showStatus: true };
    const lines = [
      "Task f of type org.apache.kafka.trogdor.task.NoOpTaskSpec is DONE. " +
        "FAILED at 1970-01-01T00:01:05Z after 1m3s",
      "Error: oh",
      "no",
      "Spec: {",
      '  "class" : "org.apache.kafka.trogdor.task.NoOpTaskSpec",',
      '  "startMs" : 1000,',
      '  "durationMs" : 60000',
      "}",
      "",
      "Status: null",
      "",
      "",
    ];
    expect(taskText(failed, utc, options)).toBe(lines.join("\n"));
  });

  test("keeps every digit of a status", () => {
    const task = view(
      "x",
      '"state":"RUNNING","startedMs":1,"status":{"n":[9007199254740993,2.50]}',
    );
    expect(taskText(task, utc, { showSpec: false, showStatus: true })).toEndWith(
      'Status: {\n  "n" : [ 9007199254740993, 2.50 ]\n}\n\n',
    );
  });
});

describe("the daemons' texts", () => {
  test("have a tab before each line but the first", () => {
    expect(statusText("Coordinator", "localhost:1", 1000, utc)).toBe(
      "Coordinator is running at localhost:1.\n\tStart time: 1970-01-01T00:00:01Z\n",
    );
    expect(uptimeText("Agent", "h:1", { serverStartMs: 1000, nowMs: 73_500 }, utc)).toBe(
      "Agent is running at h:1.\n\tStart time: 1970-01-01T00:00:01Z\n" +
        "\tCurrent server time: 1970-01-01T00:01:13.5Z\n\tUptime: 1m12s\n",
    );
  });

  test("name worker states as the reference's classes", () => {
    const worker = `{"state":"RUNNING","taskId":"t","spec":${spec}}`;
    const { workers } = readAgentStatus(`{"workers":{"12":${worker}}}`);
    expect(workerTableText(workers)).toBe(
      [
        "WORKER_ID TASK_ID STATE         TASK_TYPE                                  ",
        "12        t       WorkerRunning org.apache.kafka.trogdor.task.NoOpTaskSpec ",
        "",
      ].join("\n"),
    );
  });
});

describe("shortClassName", () => {
  test.each([
    ["org.apache.kafka.trogdor.task.NoOpTaskSpec", "NoOp"],
    ["org.apache.kafka.trogdor.workload.ProduceBenchSpec", "ProduceBench"],
    ["org.apache.kafka.trogdor.fault.NetworkPartitionFaultSpec", "NetworkPartition"],
    ["trogdor.ClockSkewSpec", "ClockSkew"],
    ["x.TaskSpec", "TaskSpec"],
    ["", ""],
  ])("of %p is %p", (name, short) => expect(shortClassName(name)).toBe(short));
});
