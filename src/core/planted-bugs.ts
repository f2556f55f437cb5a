// Mistakes that the daemons make on purpose when the simulator asks for them, to show that its
// invariants would notice. No other caller sets any; this is the whole list.

export const plantedBugs = [
  /** Both shells answer requests before the store has what they ask for. */
  "acknowledgeBeforeSync",
  /** Both shells send calls and start workers before the store knows of them. */
  "effectBeforePersist",
  /** The agent runs again what a crash of its own had ended. */
  "restartWorkerAfterAgentRestart",
  /** The coordinator asks an agent to stop a worker only once, also when the call was lost. */
  "lostStop",
  /** The agent does not recognize a create that comes a second time. */
  "duplicateCreate",
  /** The agent counts durationMs from the arrival of the create instead of from startMs. */
  "wrongClock",
  /** The coordinator believes answers to polls that it gave up, also about ended workers. */
  "staleStatusOverwritesDone",
  /** The fault runner undoes before its journal holds the plan. */
  "undoBeforeJournal",
  /** The coordinator drops a finished task before the archive has it. */
  "dropBeforeArchive",
] as const;

export type PlantedBug = (typeof plantedBugs)[number];
export type PlantedBugs = ReadonlySet<PlantedBug>;

export const noPlantedBugs: PlantedBugs = new Set();
