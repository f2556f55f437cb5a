// An admin client's configuration from its Java names.

import { type ConfLayer, type ConfOptions, readConf } from "./conf-reader.ts";
import { readConnection } from "./connection-conf.ts";
import type { AdminConf, ConfResult } from "./types.ts";

/** Later layers win; `options.paths` names them in messages. Reads key stores; never rejects. */
export async function resolveAdminConf(
  layers: readonly ConfLayer[],
  options: ConfOptions,
): Promise<ConfResult<AdminConf>> {
  const reader = readConf("admin", layers, options);
  const conf = await readConnection(reader, "adminclient-1", options.readFiles ?? true);
  const apiKey = "default.api.timeout.ms";
  const { requestTimeoutMs, defaultApiTimeoutMs } = conf;
  const isTooShort =
    reader.areGood(apiKey, "request.timeout.ms") && defaultApiTimeoutMs < requestTimeoutMs;
  if (isTooShort && reader.isSet(apiKey)) {
    reader.fail(
      apiKey,
      `The specified value of ${apiKey} (${defaultApiTimeoutMs}) must be no smaller than ` +
        `the value of request.timeout.ms (${requestTimeoutMs}).`,
    );
  }
  return {
    conf:
      reader.problems.length > 0
        ? undefined
        : { ...conf, defaultApiTimeoutMs: Math.max(defaultApiTimeoutMs, requestTimeoutMs) },
    problems: reader.problems,
    warnings: reader.warnings,
  };
}
