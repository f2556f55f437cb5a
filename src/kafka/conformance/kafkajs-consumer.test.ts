// The kafkajs consumer against the conformance suite.

import { kafkajsClients } from "../kafkajs/clients.ts";
import { consumingConformance } from "./consuming.suite.ts";
import { consumingOutageConformance } from "./consuming-outage.suite.ts";
import { groupsConformance } from "./groups.suite.ts";

consumingConformance(kafkajsClients, { compressions: ["gzip"], resetsByNoneAndDuration: false });
groupsConformance(kafkajsClients, {
  protocols: ["classic"],
  hasStaticMembership: false,
  hasStickyAssignors: false,
  leavesWhenSlow: false,
});
consumingOutageConformance(kafkajsClients, ["classic"]);
