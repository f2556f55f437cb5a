// Where the Java Trogdor would write its log: harnesses wait for a line in that file, and its name
// stands only inside the logging configuration that KAFKA_LOG4J_OPTS names (log4j properties, or
// log4j2 YAML). Without the variable, a configuration beside trogdor.conf is looked for.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export type JavaRole = "agent" | "coordinator";

/** The path of the log file, or undefined when nothing names one. */
export function javaLogFile(
  role: JavaRole,
  options: string | undefined,
  configPath: string | undefined,
): string | undefined {
  const paths = [pathInOptions(options), besideConfig(role, configPath)];
  for (const path of paths) {
    if (path === undefined) continue;
    const found = logFileIn(path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** From `-Dlog4j.configuration=file:/x` or `-Dlog4j2.configurationFile=/x`. */
function pathInOptions(options: string | undefined): string | undefined {
  const pattern = /-Dlog4j(?:\.configuration|2\.configurationFile|\.configurationFile)=(\S+)/;
  const value = pattern.exec(options ?? "")?.[1];
  if (value === undefined) return undefined;
  const text = value.replace(/^(["'])(.*)\1$/, "$2");
  try {
    return text.startsWith("file://") ? fileURLToPath(text) : text.replace(/^file:/, "");
  } catch {
    return undefined;
  }
}

/** `trogdor-agent-log4j.properties`, `trogdor-agent-log4j2.yaml`. */
function besideConfig(role: JavaRole, configPath: string | undefined): string | undefined {
  if (configPath === undefined) return undefined;
  const folder = dirname(configPath);
  const pattern = new RegExp(`^trogdor-${role}-log4j.*\\.(?:properties|ya?ml)$`);
  try {
    const name = readdirSync(folder)
      .sort()
      .find((candidate) => pattern.test(candidate));
    return name === undefined ? undefined : join(folder, name);
  } catch {
    return undefined;
  }
}

function logFileIn(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8");
    const properties = /^\s*log4j\.appender\.[^.=\s]+\.File\s*[=:]\s*(.+?)\s*$/m;
    const log4j2 = /^\s*(?:-\s+)?(?:appender\.[^.=\s]+\.)?fileName\s*[:=]\s*(.+?)\s*$/m;
    const found = (properties.exec(text) ?? log4j2.exec(text))?.[1];
    return found?.replace(/^(["'])(.*)\1$/, "$2");
  } catch {
    return undefined;
  }
}
