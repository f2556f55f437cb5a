// The small programs in C that the executable carries (native/): what a worker is started and
// guarded with. scripts/executable/native-programs.ts has the same list, with how each is built.

export type NativeProgramName = "guard" | "kibosh" | "queue";

export interface NativePrograms {
  /**
   * A path that this process's children can be started from as long as this process lives. Throws
   * a TrogdorError when this machine allows no way to run the program.
   */
  pathOf(name: NativeProgramName): string;
}
