// The counts that decide about a test run come out of bun's report as they went in.

import { describe, expect, test } from "bun:test";
import { readJunitReport } from "./junit-report.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="4" assertions="1" failures="1" skipped="2" time="0.1">
  <testsuite name="a.test.ts" tests="4" failures="1" skipped="2">
    <testcase name="says &lt;no&gt; &amp; &apos;so&apos;" classname="inner &gt; outer" time="0">
      <skipped />
    </testcase>
    <testcase name="works" classname="inner &gt; outer" time="0" assertions="0" />
    <testcase name="later" classname="" time="0">
      <skipped message="TODO" />
    </testcase>
    <testcase name="fails" classname="" time="0">
      <failure type="AssertionError" message="1 &lt; 2">AssertionError</failure>
    </testcase>
  </testsuite>
</testsuites>`;

describe("a test report", () => {
  test("gives counts and the full names of what was skipped", () => {
    expect(readJunitReport(REPORT)).toEqual({
      passed: 1,
      failed: 1,
      skipped: ["outer > inner > says <no> & 'so'", "later"],
    });
  });

  test("is refused when it is no report", () => {
    expect(() => readJunitReport("")).toThrow(/testsuites/);
  });
});
