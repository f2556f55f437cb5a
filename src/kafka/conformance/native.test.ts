// The native client against the conformance suite.

import { nativeClients } from "../native/clients.ts";
import { producingConformance } from "./producing.suite.ts";

producingConformance(nativeClients, { compressions: ["gzip", "snappy", "lz4", "zstd"] });
