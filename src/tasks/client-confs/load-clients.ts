// The client library that a spec asks for, imported on demand: each costs start-up time.

import type { ClientLibrary, KafkaClients } from "../../kafka/client.ts";

export async function loadClients(library: ClientLibrary): Promise<KafkaClients> {
  if (library === "kafkajs") {
    return (await import("../../kafka/kafkajs/clients.ts")).kafkajsClients;
  }
  return (await import("../../kafka/native/clients.ts")).nativeClients;
}
