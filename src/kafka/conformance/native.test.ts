import { nativeClients } from "../native/clients.ts";
import { producingConformance } from "./producing.conformance.ts";

producingConformance(nativeClients, { compressions: ["gzip", "snappy", "lz4", "zstd"] });
