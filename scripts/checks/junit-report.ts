// Reads the JUnit report that bun test writes: the counts, and the full names of skipped tests.

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /**
   * Full names, describe blocks first: "a producer > rides out a restart". Todos are among them.
   */
  readonly skipped: readonly string[];
}

export function readJunitReport(xml: string): TestCounts {
  const totals = /<testsuites [^>]*>/.exec(xml)?.[0];
  if (totals === undefined) throw new Error("the test report has no <testsuites> element");
  const skipped: string[] = [];
  for (const [, attributes, body] of xml.matchAll(
    /<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs,
  )) {
    if (body?.includes("<skipped") === true) skipped.push(fullName(attributes ?? ""));
  }
  const failed = numberAttribute(totals, "failures");
  const passed = numberAttribute(totals, "tests") - failed - numberAttribute(totals, "skipped");
  return { passed, failed, skipped };
}

function fullName(attributes: string): string {
  // Bun lists the describe blocks from the inside out.
  const outer = attribute(attributes, "classname").split(" > ").reverse();
  return [...outer, attribute(attributes, "name")].filter((part) => part !== "").join(" > ");
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
