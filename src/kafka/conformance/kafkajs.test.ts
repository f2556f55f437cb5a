import { kafkajsClients } from "../kafkajs/clients.ts";
import { producingConformance } from "./producing.conformance.ts";

producingConformance(kafkajsClients, { compressions: ["gzip"] });
