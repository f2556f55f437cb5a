// Prints how many brokers the broker at HOST PORT sees: run inside a network namespace.

import { countBrokersSeenBy } from "./readiness.ts";

const [host = "", port = ""] = process.argv.slice(2);
void countBrokersSeenBy(host, Number(port)).then((count) => {
  process.stdout.write(`${count}\n`);
});
