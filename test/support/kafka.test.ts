// The shared cluster outlives a test that took its brokers along.

import { expect, test } from "bun:test";
import { sharedCluster, testLimitMs } from "./kafka.ts";

test(
  "a shared cluster whose broker was killed is started again",
  async () => {
    const request = { heap: "399m" };
    const { name, brokers } = await sharedCluster(request);
    const { pid } = brokers[0]!;
    expect((await sharedCluster(request)).brokers[0]!.pid).toBe(pid!);
    process.kill(pid!, "SIGKILL");
    while (await Bun.file(`/proc/${pid}/stat`).exists()) await Bun.sleep(5);
    const again = await sharedCluster(request);
    expect(again.name).toBe(name);
    expect(again.brokers[0]).toMatchObject({ state: "running" });
    expect(again.brokers[0]!.pid).not.toBe(pid!);
  },
  testLimitMs,
);
