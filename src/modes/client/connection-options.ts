// The options of every verb that talks to a daemon.

import type { OptionDefinition } from "../command.ts";
import { type DaemonKind, defaultPorts, targetVariables } from "./connection.ts";

export function connectionOptions(kind: DaemonKind): readonly OptionDefinition[] {
  return [
    {
      name: "target",
      short: "t",
      value: "HOST:PORT",
      description:
        `The ${kind}. Default: the variable ${targetVariables[kind]}, else ` +
        `localhost:${defaultPorts[kind]}; a host alone gets port ${defaultPorts[kind]}.`,
    },
    {
      name: "json",
      description: "Print the answer as one line of JSON.",
    },
    {
      name: "token-file",
      value: "FILE",
      description: "Send the token in FILE. Without it, the one in TROGDOR_TOKEN if there is one.",
      completes: "files",
    },
    {
      name: "tls-ca",
      value: "FILE",
      description: "Use TLS and trust certificates that this authority (PEM) has signed.",
      completes: "files",
    },
    {
      name: "tls-cert",
      value: "FILE",
      description: "Use TLS and show this certificate (PEM).",
      completes: "files",
    },
    {
      name: "tls-key",
      value: "FILE",
      description: "The certificate's private key (PEM).",
      completes: "files",
    },
  ];
}
