// The paths for those who run the daemons: life, figures, and a description of the API.

import type { Routes } from "./http-server.ts";

export interface OperationOptions {
  /** The figures for GET /metrics, as Prometheus text, made when they are asked for. */
  metrics?(): Promise<string>;
}

export function commonRoutes(_daemon: "agent" | "coordinator", options: OperationOptions): Routes {
  return {
    "/health": { GET: () => `{"status":"ok"}` },
    ...(options.metrics === undefined ? {} : {}),
  };
}
