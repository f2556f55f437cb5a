// The paths that both daemons have, for /openapi.json.

import type { Operation } from "./openapi-operation.ts";

export const commonOperations: readonly Operation[] = [
  {
    method: "get",
    path: "/health",
    summary: "Answers while the daemon lives, without a token.",
    answer: { type: "object", properties: { status: { const: "ok" } } },
  },
  {
    method: "get",
    path: "/metrics",
    summary: "Figures for Prometheus.",
    answerType: "text/plain",
    answer: { type: "string" },
  },
  {
    method: "get",
    path: "/openapi.json",
    summary: "This description.",
    answer: { type: "object" },
  },
];
