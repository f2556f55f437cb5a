// The native client against the conformance suite.

import { nativeClients } from "../native/clients.ts";
import { outageConformance } from "./outage.suite.ts";
import { producingConformance } from "./producing.suite.ts";
import { securityConformance } from "./security.suite.ts";

producingConformance(nativeClients, { compressions: ["gzip", "snappy", "lz4", "zstd"] });
securityConformance(nativeClients, { verifiesHostApart: false });
outageConformance(nativeClients);
