// The administration of groups, still to be written.

import type { ClientEnvironment, GroupAdmin } from "../client.ts";
import type { AdminConf } from "../conf/types.ts";

export function createGroupAdmin(_conf: AdminConf, _environment: ClientEnvironment): GroupAdmin {
  throw new Error("not written yet");
}
