// Runs a mount until it is unmounted, by this process's own end too.

import type { MountOptions } from "../../../kibosh/mount-options.ts";
import { mountInForeground } from "../../../kibosh/run-helper.ts";
import type { ModeHost } from "../mode-host.ts";
import { helperPath } from "./mount-host.ts";

export async function runInForeground(options: MountOptions, host: ModeHost): Promise<number> {
  const mount = mountInForeground(helperPath(), options);
  const stopListening = host.onStopSignal(() => mount.stop());
  try {
    return await mount.ended;
  } finally {
    stopListening();
  }
}
