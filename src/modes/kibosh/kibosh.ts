// `trogdor kibosh`: mounts and drives the file system that breaks on command. Without a verb it
// takes Kibosh's own options and behaves as Kibosh does.

import type { Command } from "../command.ts";
import { summaryOf } from "../commands.ts";
import { exitCodes } from "../exit-codes.ts";
import { asKiboshCommand } from "./as-kibosh.ts";
import { mountVerb, umountVerb } from "./mount.ts";
import { clearVerb, crashVerb, setVerb } from "./set-faults.ts";
import { statusVerb } from "./status.ts";
import { watchVerb } from "./watch.ts";

export const kiboshCommand: Command = {
  name: "kibosh",
  summary: summaryOf("kibosh"),
  details: [
    "Without a verb it is Kibosh: trogdor kibosh --target TARGET MIRROR mounts in the " +
      "background, with Kibosh's options. docs/kibosh.md tells what faults there are.",
  ],
  verbs: [mountVerb, umountVerb, statusVerb, setVerb, clearVerb, crashVerb, watchVerb],
  withoutVerb: asKiboshCommand,
  options: [],
  examples: [
    {
      line: "trogdor kibosh mount /var/lib/kafka /var/lib/kafka",
      does: "mount over a data folder",
    },
    {
      line: `trogdor kibosh set /var/lib/kafka '{"faults":[{"type":"error","ops":"fsync"}]}'`,
      does: "let every sync fail",
    },
    { line: "trogdor kibosh clear /var/lib/kafka", does: "end all faults" },
  ],
  run: async () => exitCodes.usage.code,
};
