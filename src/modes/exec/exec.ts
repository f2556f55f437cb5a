// `trogdor exec`: runs one task in this process, shows how it goes, prints how it ended.

import { realClock } from "../../platform/clock/real-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import type { TaskSpec } from "../../tasks/define-task.ts";
import type { Command } from "../command.ts";
import { summaryOf } from "../commands.ts";
import { loadTask } from "../load-task.ts";
import { readTopology } from "../read-topology.ts";
import { execOptions, readExecOptions } from "./exec-options.ts";
import { checkTargets, configuredPlace, type ExecPlace, localPlace } from "./exec-place.ts";
import { execute } from "./execute.ts";
import { checkHistogramPath } from "./histogram-files.ts";

export const execCommand: Command = {
  name: "exec",
  summary: summaryOf("exec"),
  details: ["Needs no agent and no coordinator, and opens no port."],
  operand: {
    name: "SPEC",
    required: true,
    repeatable: false,
    description: "A file, JSON (anything that begins with {), or - for standard input.",
    completes: "files",
  },
  options: execOptions,
  examples: [
    { line: "trogdor exec specs/produce-bench.json", does: "run it and show the result" },
    {
      line: "trogdor exec spec.json --set bootstrapServers=host:9092",
      does: "the same task against another cluster",
    },
    { line: "trogdor exec - --json < spec.json | jq .totalSent", does: "from a script" },
    { line: "trogdor exec spec.json --histogram latency.hlog", does: "keep the latencies" },
    { line: "trogdor exec fault.json --plan", does: "see what a fault would do" },
  ],
  loadMoreHelp: async () => (await import("../task-list.ts")).taskListText(),
  async run(line, host) {
    const options = readExecOptions(line);
    const loaded = await loadTask(options.spec, options.overrides, host);
    const { type } = loaded;
    await checkHistogramPath(options.histogramPath);
    const targetNodes = (topology: ExecPlace["topology"]) =>
      type.targetNodes(loaded.spec, topology);
    const { configPath, node } = options;
    const place =
      configPath === undefined
        ? localPlace(targetNodes, node)
        : configuredPlace(await readTopology(configPath), node, configPath);
    let { spec } = loaded;
    try {
      spec = await withTargets(spec, place);
      checkTargets(type.targetNodes(spec, place.topology), place);
    } catch (error) {
      if (options.json) host.out.write("null\n");
      throw error;
    }
    const nowMs = BigInt(realClock.nowMs());
    const startMs = spec.startMs > nowMs ? spec.startMs : nowMs;
    const task = { type, spec: { ...spec, startMs } };
    if (!options.isPlanOnly) return await execute(task, place, options, host);
    const { showPlan } = await import("./show-plan.ts");
    return await showPlan(task, place, options, host);
  },
};

/** With whom it means, where the spec says that by a part in a Kafka cluster. */
async function withTargets(spec: TaskSpec, { topology }: ExecPlace): Promise<TaskSpec> {
  if (!("kafkaTarget" in spec) || spec.kafkaTarget === undefined) return spec;
  const [{ resolveSpec }, { realNames }] = await Promise.all([
    import("../../tasks/kafka-targets/resolve-target.ts"),
    import("../../platform/names/real-names.ts"),
  ]);
  const means = { topology, names: realNames, clock: realClock, log: silentLog };
  return (await resolveSpec(spec, means)) ?? spec;
}
