// The kafkajs client against the conformance suite.

import { kafkajsClients } from "../kafkajs/clients.ts";
import { outageConformance } from "./outage.suite.ts";
import { producingConformance } from "./producing.suite.ts";
import { securityConformance } from "./security.suite.ts";

producingConformance(kafkajsClients, { compressions: ["gzip"] });
securityConformance(kafkajsClients, { verifiesHostApart: true });
outageConformance(kafkajsClients);
