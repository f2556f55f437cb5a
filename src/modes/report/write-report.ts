// Writes a report in all its forms into a folder.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import { htmlPage } from "./html-page.ts";
import { jsonNumber, junitXml } from "./junit-xml.ts";
import type { Report } from "./report.ts";
import { reportText } from "./report-text.ts";

/** report.json, report.xml (JUnit), report.html and report.txt. */
export function writeReport(folder: string, report: Report): void {
  const texts: Readonly<Record<string, string>> = {
    "report.json": `${JSON.stringify(report, jsonNumber, 2)}\n`,
    "report.xml": junitXml(report),
    "report.html": htmlPage(report),
    "report.txt": reportText(report),
  };
  makeFolder(folder);
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** Before a run, so that it does not end without a place for its report. */
export function makeFolder(folder: string): void {
  if (folder === "") throw new TrogdorError("usage", "The folder for the report has no name");
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
}

function unwritable(folder: string, error: unknown): TrogdorError {
  const message = `the report cannot be written to ${folder}: ${errorText(error)}`;
  return new TrogdorError("usage", message, { cause: error });
}
