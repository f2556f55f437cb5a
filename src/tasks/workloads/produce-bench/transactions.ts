// When a transaction begins and ends. A generator is asked before every message, and again after
// everything but "none". Pure: time is passed in.

import * as v from "valibot";
import { field } from "../../../spec/types/field.ts";
import { generatorUnion } from "../../../spec/types/generator-union.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { specObject } from "../../../spec/types/object.ts";
import { typeWord } from "../../../spec/types/type-word.ts";

export type TransactionAction = "none" | "begin" | "commit" | "abort";

export interface TransactionGenerator {
  next(nowMs: number): TransactionAction;
}

const uniformSchema = specObject(
  {
    type: typeWord("uniform", "Transactions of equally many messages."),
    messagesPerTransaction: field(
      v.pipe(
        int32(),
        v.minValue(1, withFound("Cannot have less than one message per transaction.")),
      ),
      0,
      "Messages in each transaction, at least 1.",
      { unit: "messages" },
    ),
  },
  { typeField: "type" },
);

const intervalSchema = specObject(
  {
    type: typeWord("interval", "Transactions that are committed after a time."),
    transactionIntervalMs: field(
      v.pipe(int32(), v.minValue(1, withFound("Cannot have a negative interval."))),
      0,
      "How long each transaction stays open, at least 1.",
      { unit: "ms" },
    ),
  },
  { typeField: "type" },
);

export type TransactionSpec =
  | v.InferOutput<typeof uniformSchema>
  | v.InferOutput<typeof intervalSchema>;

export const transactionGenerator = generatorUnion<TransactionSpec>([
  uniformSchema,
  intervalSchema,
]);

export function createTransactionGenerator(spec: TransactionSpec): TransactionGenerator {
  return spec.type === "uniform"
    ? uniformTransactions(spec.messagesPerTransaction)
    : intervalTransactions(spec.transactionIntervalMs);
}

function uniformTransactions(messagesPerTransaction: number): TransactionGenerator {
  let messages = -1;
  return {
    next() {
      if (messages === -1) {
        messages = 0;
        return "begin";
      }
      if (messages === messagesPerTransaction) {
        messages = -1;
        return "commit";
      }
      messages++;
      return "none";
    },
  };
}

function intervalTransactions(intervalMs: number): TransactionGenerator {
  let beganMs: number | undefined;
  return {
    next(nowMs) {
      if (beganMs === undefined) {
        beganMs = nowMs;
        return "begin";
      }
      if (nowMs - beganMs < intervalMs) return "none";
      beganMs = undefined;
      return "commit";
    },
  };
}

/** The reference's sentence, then the value that it does not name. */
function withFound(text: string): (issue: { readonly input: unknown }) => string {
  return (issue) => `${text} Found ${String(issue.input)}`;
}
