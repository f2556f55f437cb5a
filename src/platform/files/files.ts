// Files of the node that faults read and change, and the room on its disks.

export interface DiskSpace {
  readonly totalBytes: number;
  /** What a process that is not root may still write. */
  readonly availableBytes: number;
}

export interface Files {
  /** Undefined when there is no such file. */
  readText(path: string): Promise<string | undefined>;
  /** Replaces the content in one write; the file is made where there is none. */
  writeText(path: string, text: string): Promise<void>;
  /** Nothing there is fine. */
  remove(path: string): Promise<void>;
  /** Undefined when there is no such file. */
  sizeBytes(path: string): Promise<number | undefined>;
  space(folder: string): Promise<DiskSpace>;
  /** Makes the file that large, with its blocks taken from the disk. */
  allocate(path: string, sizeBytes: number): Promise<void>;
}
