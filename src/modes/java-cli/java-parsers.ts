// The command lines of the Java programs: their verbs, flags and which of them are required. What a
// flag means is defined once, with our own commands; here stands only what the Java names add.

export interface JavaFlag {
  /** Long name without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** What stands for the value; without it the flag is a switch. */
  readonly value?: string;
  readonly required?: boolean;
  readonly help: string;
}

export interface JavaParser {
  /** `trogdor-coordinator-client`. */
  readonly program: string;
  readonly description: string;
  readonly flags: readonly JavaFlag[];
  readonly verbs?: readonly JavaVerb[];
}

export interface JavaVerb {
  readonly name: string;
  readonly help: string;
  readonly flags: readonly JavaFlag[];
}

const target = (port: number): JavaFlag => ({
  name: "target",
  short: "t",
  value: "TARGET",
  required: true,
  help: `The host and the port, with a colon between them: example.com:${port}`,
});
const json: JavaFlag = { name: "json", help: "Show the full response as JSON." };
const taskId = (help: string): JavaFlag => ({
  name: "id",
  short: "i",
  value: "TASK_ID",
  required: true,
  help,
});
const spec: JavaFlag = {
  name: "spec",
  short: "s",
  value: "TASK_SPEC",
  required: true,
  help: "The task spec, or the path of a file that holds it.",
};
const workerId: JavaFlag = {
  name: "workerId",
  value: "WORKER_ID",
  required: true,
  help: "The worker's id.",
};
const nodeName: JavaFlag = {
  name: "node-name",
  short: "n",
  value: "NODE_NAME",
  required: true,
  help: "The name of this node.",
};
const config = (name: string): JavaFlag => ({
  name,
  short: "c",
  value: "CONFIG",
  required: true,
  help: "The configuration file.",
});

const onCoordinator = target(8889);
const onAgent = target(8888);

export const javaParsers: Readonly<Record<string, JavaParser>> = {
  agent: {
    program: "trogdor-agent",
    description: "The Trogdor fault injection agent",
    flags: [
      config("agent.config"),
      nodeName,
      {
        name: "exec",
        short: "e",
        value: "TASK_SPEC",
        help: "Run one task spec, or the file that holds it, and exit.",
      },
    ],
  },
  coordinator: {
    program: "trogdor-coordinator",
    description: "The Trogdor fault injection coordinator",
    flags: [config("coordinator.config"), nodeName],
  },
  client: {
    program: "trogdor-coordinator-client",
    description: "The Trogdor coordinator client.",
    flags: [],
    verbs: [
      { name: "uptime", help: "Get the coordinator uptime.", flags: [onCoordinator, json] },
      { name: "status", help: "Get the coordinator status.", flags: [onCoordinator, json] },
      {
        name: "showTask",
        help: "Show a task.",
        flags: [
          onCoordinator,
          json,
          taskId("The task to show."),
          { name: "verbose", short: "v", help: "Print everything." },
          { name: "show-status", short: "S", help: "Show the task's status." },
        ],
      },
      {
        name: "showTasks",
        help: "Show many tasks: all of them, or those that the flags select.",
        flags: [
          onCoordinator,
          json,
          {
            name: "id",
            short: "i",
            value: "TASK_IDS",
            help: "Show only this task; may be given more than once.",
          },
          {
            name: "id-pattern",
            value: "TASK_ID_PATTERN",
            help: "Show only tasks whose whole id matches this regular expression.",
          },
          {
            name: "state",
            short: "s",
            value: "TASK_STATE_TYPE",
            help: "Show only tasks in this state.",
          },
        ],
      },
      {
        name: "createTask",
        help: "Create a new task.",
        flags: [onCoordinator, taskId("The new task's id."), spec],
      },
      {
        name: "stopTask",
        help: "Stop a task.",
        flags: [onCoordinator, taskId("The task to stop.")],
      },
      {
        name: "destroyTask",
        help: "Destroy a task.",
        flags: [onCoordinator, taskId("The task to destroy.")],
      },
      { name: "shutdown", help: "Shut down the coordinator.", flags: [onCoordinator] },
    ],
  },
  "agent-client": {
    program: "trogdor-agent-client",
    description: "The Trogdor agent client.",
    flags: [],
    verbs: [
      { name: "uptime", help: "Get the agent uptime.", flags: [onAgent, json] },
      { name: "status", help: "Get the agent status.", flags: [onAgent, json] },
      {
        name: "createWorker",
        help: "Create a new worker.",
        flags: [
          onAgent,
          workerId,
          { name: "taskId", value: "TASK_ID", required: true, help: "The task's id." },
          spec,
        ],
      },
      { name: "stopWorker", help: "Stop a worker.", flags: [onAgent, workerId] },
      { name: "destroyWorker", help: "Destroy a worker.", flags: [onAgent, workerId] },
      { name: "shutdown", help: "Shut down the agent.", flags: [onAgent] },
    ],
  },
};
