// How the consumers of a task are called, in configurations and in the status.

/** As the reference calls them. */
export function consumerId(taskId: string, index: number): string {
  return `consumer.${taskId}-${index}`;
}
