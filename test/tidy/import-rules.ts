// Which room may import which (docs/decisions/0002-layout.md). A room is a folder of src.

/** A room may import itself and these; `platform` stands for its interfaces only. */
const allowedRooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  platform: ["core"],
  spec: ["core"],
  kafka: ["spec", "core", "platform"],
  measure: ["spec", "core", "platform"],
  kibosh: ["spec", "core", "platform"],
  tasks: ["kafka", "measure", "kibosh", "spec", "core", "platform"],
  rest: ["spec", "core", "platform"],
  daemons: ["rest", "tasks", "measure", "spec", "core", "platform"],
  sim: ["daemons", "rest", "tasks", "measure", "spec", "core", "platform"],
  modes: [
    "sim",
    "daemons",
    "rest",
    "tasks",
    "kafka",
    "measure",
    "kibosh",
    "spec",
    "core",
    "platform",
  ],
};

/** Rooms that wire things up and may take a real implementation of the platform. */
const wiringRooms = ["modes"];

/** What is wrong with an import of `target` by `path`, both from the root; "" when nothing is. */
export function importProblem(path: string, target: string): string {
  const from = roomOf(path);
  const to = roomOf(target);
  if (from === undefined || target === "src/version.ts") return "";
  if (to === undefined) return `${path} imports ${target}, which is outside src's rooms`;
  if (from === to) return "";
  const allowed = allowedRooms[from];
  if (allowed === undefined) return `${path} is in a room without import rules`;
  if (!allowed.includes(to)) return `${path} imports ${target}: ${from} may not import ${to}`;
  if (from === "sim" && isSimulated(target)) return "";
  if (to === "platform" && !wiringRooms.includes(from) && !isInterface(target)) {
    return `${path} imports ${target}: only the interface of a platform part may be imported`;
  }
  return "";
}

/** `src/platform/clock/clock.ts`: the file that is named as its folder. */
function isInterface(path: string): boolean {
  return /^src\/platform\/([^/]+)\/\1\.ts$/.test(path);
}

/** `src/platform/store/simulated-store.ts`: what the simulator has instead of the real one. */
function isSimulated(path: string): boolean {
  return /^src\/platform\/[^/]+\/simulated-[^/]+\.ts$/.test(path);
}

function roomOf(path: string): string | undefined {
  return path.startsWith("kibosh/") ? "kibosh" : /^src\/([^/]+)\//.exec(path)?.[1];
}

/** A way round from a file to itself, or undefined. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (node: string): string[] | undefined => {
    const start = trail.indexOf(node);
    if (start >= 0) return [...trail.slice(start), node];
    if (done.has(node)) return undefined;
    trail.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    trail.pop();
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
