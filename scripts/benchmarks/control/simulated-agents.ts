// A thousand agents in one process, for the bench of the control plane: one server on all loopback
// addresses, where each address is a node. It keeps the workers that it is told to run and calls
// them active. Run as `bun simulated-agents.ts PORT`; writes a line when it serves.

interface Worker {
  readonly taskId: string;
  readonly spec: string;
  readonly startedMs: number;
}

const startMs = Date.now();
const workersOfNode = new Map<string, Map<string, Worker>>();
const headers = {
  "Content-Type": "application/json",
  "Trogdor-Version": "simulated",
};

function answer(body: string): Response {
  return new Response(body, {
    headers: { ...headers, "Trogdor-Now-Ms": String(Date.now()) },
  });
}

function statusOf(node: string): string {
  const workers = workersOfNode.get(node);
  if (workers === undefined || workers.size === 0) return `{"serverStartMs":${startMs}}`;
  const states = [...workers].map(
    ([id, { taskId, spec, startedMs }]) =>
      `"${id}":{"state":"RUNNING","taskId":${JSON.stringify(taskId)},"spec":${spec},` +
      `"startedMs":${startedMs},"status":"active"}`,
  );
  return `{"serverStartMs":${startMs},"workers":{${states.join(",")}}}`;
}

const server = Bun.serve({
  hostname: "0.0.0.0",
  port: Number(process.argv[2]),
  async fetch(request) {
    const node = request.headers.get("host") ?? "";
    const { pathname } = new URL(request.url);
    if (pathname === "/agent/status") return answer(statusOf(node));
    const body = await request.text();
    if (pathname === "/agent/worker/create") {
      const id = /"workerId":"?(-?\d+)/.exec(body)?.[1] ?? "0";
      const { taskId, spec } = JSON.parse(body) as { taskId: string; spec: object };
      const workers = workersOfNode.get(node) ?? new Map<string, Worker>();
      workersOfNode.set(node, workers);
      workers.set(id, { taskId, spec: JSON.stringify(spec), startedMs: Date.now() });
    }
    return answer("{}");
  },
});
process.stdout.write(`serving on port ${server.port}\n`);
