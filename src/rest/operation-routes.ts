// The paths for those who run the daemons: life, figures, and a description of the API.

import type { Metric } from "./metrics.ts";
import type { RequestRecorder } from "./request-recorder.ts";
import type { Routes } from "./routes.ts";

export interface OperationOptions {
  /** The daemon's own figures, asked for by each GET /metrics. */
  readonly collect?: () => readonly Metric[];
  /** A JSON Schema of all task specs, for /openapi.json; any object without it. */
  readonly specSchema?: () => object | Promise<object>;
}

export function operationRoutes(
  daemon: "agent" | "coordinator",
  requests: RequestRecorder,
  options: OperationOptions,
): Routes {
  const { collect = () => [], specSchema = () => ({ type: "object" }) } = options;
  return {
    "/health": { GET: () => `{"status":"ok"}` },
    "/metrics": {
      async GET() {
        const { metricsText } = await import("./metrics.ts");
        return metricsText(daemon, requests, collect);
      },
    },
    "/openapi.json": {
      async GET() {
        const { openApi } = await import("./openapi.ts");
        return JSON.stringify(openApi(daemon, await specSchema()));
      },
    },
  };
}
