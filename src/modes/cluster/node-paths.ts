// Where things are on a node: one folder that belongs to the SSH account alone.

import type { ClusterNode } from "./inventory.ts";

export type Role = "agent" | "coordinator";

export interface NodePaths {
  readonly root: string;
  readonly binary: string;
  readonly folder: string;
  readonly conf: string;
  readonly token: string;
  pid(role: Role): string;
  /** What it was started with: it is kept running while that stays the same. */
  started(role: Role): string;
}

export function nodePaths(root: string, digest: string, node: ClusterNode): NodePaths {
  const folder = `${root}/${encodeURIComponent(node.name)}`;
  return {
    root,
    binary: `${root}/bin/trogdor-${digest.slice(0, 16)}`,
    folder,
    conf: `${folder}/trogdor.conf`,
    token: `${folder}/token`,
    pid: (role) => `${folder}/${role}.pid`,
    started: (role) => `${folder}/${role}.start`,
  };
}
