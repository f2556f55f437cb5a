// Writes to a process that may be gone, or may never read: neither is an error of the writer.

export function writeInput(input: Bun.FileSink, text: string): void {
  for (const step of [() => input.write(text), () => input.flush()]) {
    try {
      Promise.resolve(step()).catch(() => {});
    } catch {
      return;
    }
  }
}
