// The native consumer against the conformance suite.

import { nativeClients } from "../native/clients.ts";
import { consumingConformance } from "./consuming.suite.ts";
import { consumingOutageConformance } from "./consuming-outage.suite.ts";
import { groupsConformance } from "./groups.suite.ts";

consumingConformance(nativeClients, {
  compressions: ["gzip", "snappy", "lz4", "zstd"],
  resetsByNoneAndDuration: true,
});
groupsConformance(nativeClients, {
  protocols: ["classic", "consumer"],
  hasStaticMembership: true,
  hasStickyAssignors: true,
  leavesWhenSlow: true,
});
consumingOutageConformance(nativeClients, ["classic", "consumer"]);
