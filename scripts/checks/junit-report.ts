// Reads the JUnit report that bun test writes: the counts, and the full names of skipped tests.

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /**
   * Full names, describe blocks first: "a producer > rides out a restart". Todos are among them.
   */
  readonly skipped: readonly string[];
}

export interface TestCase {
  /** Describe blocks, the outermost first. */
  readonly blocks: readonly string[];
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

export function readJunitReport(xml: string): TestCounts {
  const totals = /<testsuites [^>]*>/.exec(xml)?.[0];
  if (totals === undefined) throw new Error("the test report has no <testsuites> element");
  const skipped = readTestCases(xml)
    .filter(({ outcome }) => outcome === "skipped")
    .map(({ blocks, name }) => [...blocks, name].join(" > "));
  const failed = numberAttribute(totals, "failures");
  const passed = numberAttribute(totals, "tests") - failed - numberAttribute(totals, "skipped");
  return { passed, failed, skipped };
}

/** Every test of the report, in its order. */
export function readTestCases(xml: string): TestCase[] {
  const cases = xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs);
  return [...cases].map(([, attributes = "", body = ""]) => ({
    // Bun lists the describe blocks from the inside out.
    blocks: attribute(attributes, "classname")
      .split(" > ")
      .reverse()
      .filter((block) => block !== ""),
    name: attribute(attributes, "name"),
    outcome: body.includes("<skipped")
      ? "skipped"
      : /<(failure|error)/.test(body)
        ? "failed"
        : "passed",
  }));
}

function numberAttribute(element: string, name: string): number {
  return Number(attribute(element, name));
}

function attribute(element: string, name: string): string {
  return decode(new RegExp(`\\b${name}="([^"]*)"`).exec(element)?.[1] ?? "");
}

function decode(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
