// A topic of a bench run, for those who make it and those who watch its files.

export interface BenchTopic {
  readonly name: string;
  readonly partitions: number;
}
