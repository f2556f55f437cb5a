// Bytes to a port and what comes back, for tests: whatever a program may send that is no
// well-formed request. Nothing here waits for time to pass: an exchange ends with the answers
// asked for, or with the connection.

import { connect } from "node:net";
import { answerReader, type ReadAnswer } from "./read-http-answer.ts";

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

export interface RawExchange {
  readonly answers: readonly RawAnswer[];
  /** True when the daemon ended the connection. */
  readonly isClosed: boolean;
}

/** Sends the pieces one after another; ends after so many answers, or when the daemon closes. */
export function rawExchange(
  port: number,
  pieces: readonly (string | Uint8Array)[],
  answersWanted = Number.POSITIVE_INFINITY,
): Promise<RawExchange> {
  const { promise, resolve, reject } = Promise.withResolvers<RawExchange>();
  const answers: RawAnswer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  const socket = connect(port, "127.0.0.1", async () => {
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise(setImmediate);
    }
  });
  socket.on("data", (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const taken = takeAnswer(rest);
      if (taken === undefined) return;
      answers.push(taken.answer);
      rest = taken.rest;
      if (answers.length >= answersWanted) {
        resolve({ answers, isClosed: false });
        socket.destroy();
        return;
      }
    }
  });
  socket.on("close", () => resolve({ answers, isClosed: true }));
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "ECONNREFUSED") reject(error);
    else resolve({ answers, isClosed: true });
  });
  return promise;
}

/** The first answer in the bytes; one without a length has no body. */
function takeAnswer(bytes: Buffer): { answer: ReadAnswer; rest: Buffer } | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = bytes.toString("latin1", 0, headEnd + 4);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const isInterim = /^HTTP\/1\.1 1\d\d/.test(head);
  const end = headEnd + 4 + (isInterim ? 0 : length);
  if (bytes.length < end) return undefined;
  if (isInterim) return takeAnswer(bytes.subarray(end));
  const reader = answerReader();
  const answer = reader.push(bytes.subarray(0, end)) ?? reader.end();
  return answer === undefined ? undefined : { answer, rest: bytes.subarray(end) };
}
