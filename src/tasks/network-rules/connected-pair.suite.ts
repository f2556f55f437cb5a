// Two connected nodes, each a network namespace, and what a fault on one of them is given: for
// tests that measure what becomes of the packets between them.

import {
  connectNamespaces,
  type NetworkNamespace,
  networkNamespace,
} from "../../../test/support/network-namespace.ts";
import { silentLog } from "../../platform/log/log.ts";
import { realNativePrograms } from "../../platform/native-programs/real-native-programs.ts";
import { realProcesses } from "../../platform/processes/real-processes.ts";
import type { FaultContext } from "../define-fault.ts";
import { type FaultScene, sceneContext } from "../fault-scene.suite.ts";

export interface ConnectedPair extends AsyncDisposable {
  /** 10.77.0.1 */
  readonly left: NetworkNamespace;
  /** 10.77.0.2 */
  readonly right: NetworkNamespace;
  /** Of the node with the fault, whose name is "a". */
  readonly context: FaultContext;
}

export async function connectedPair(faulty: "left" | "right"): Promise<ConnectedPair> {
  const [left, right] = [await networkNamespace(), await networkNamespace()];
  await connectNamespaces(left, "10.77.0.1", right, "10.77.0.2");
  const nativePrograms = realNativePrograms();
  const processes = realProcesses({ nativePrograms, log: silentLog });
  const [namespace, address] = faulty === "left" ? [left, "10.77.0.1"] : [right, "10.77.0.2"];
  const scene = { node: "a", nodes: { a: address }, namespace } as unknown as FaultScene;
  return {
    left,
    right,
    context: { ...sceneContext(scene, processes), nativePrograms },
    async [Symbol.asyncDispose]() {
      await processes.close();
      for (const namespace of [left, right]) await namespace[Symbol.asyncDispose]();
    },
  };
}
