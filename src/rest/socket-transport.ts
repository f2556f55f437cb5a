// HTTP/1.1 over sockets, with or without TLS, for a coordinator that polls a thousand agents:
// connections stay open, a call costs a part of what fetch takes (docs/rest-api.md has the
// figures), and calls that hang on dead nodes never hold up those to others.

import type { Socket } from "bun";
import { errorText } from "../core/trogdor-error.ts";
import {
  callHeaders,
  type HttpAnswer,
  type HttpCall,
  NoAnswerError,
  type Transport,
  type TransportOptions,
} from "./http-call.ts";
import { type AnswerReader, answerReader, type ReadAnswer } from "./read-http-answer.ts";

/** Less than a daemon keeps an idle connection (idleTimeoutSeconds): it rarely closes first. */
const idleMs = 15_000;
const idleConnectionsMax = 2;

/**
 * Waits, with TLS, until both sides have shown who they are; Bun checks the certificate and the
 * name in it.
 */
interface Handshake {
  resolve(): void;
  reject(error: Error): void;
}

/** A connection and what it is doing; the socket's handlers work on it. */
interface Connection {
  socket: Socket<Connection> | undefined;
  isOpen: boolean;
  idleSinceMs: number;
  /** Bytes that the socket has not taken yet. */
  unsent: Uint8Array;
  pending: PendingAnswer | undefined;
  handshake: Handshake | undefined;
}

interface PendingAnswer {
  readonly reader: AnswerReader;
  resolve(answer: ReadAnswer): void;
  reject(error: Error): void;
}

/** The connection ended before a byte of the answer came. */
class ClosedConnectionError extends Error {
  override readonly name = "ClosedConnectionError";
}

export function socketTransport(options: TransportOptions): Transport {
  const idle: Connection[] = [];
  const open = new Set<Connection>();
  let isClosed = false;

  const attempt = async (call: HttpCall, connection: Connection, deadlineMs: number) => {
    const answer = await exchange(connection, requestBytes(call, options), deadlineMs);
    const mayKeep = !isClosed && connection.isOpen && idle.length < idleConnectionsMax;
    if (mayKeep && answer.keepsAlive && call.keepsAlive !== false) {
      connection.idleSinceMs = performance.now();
      idle.push(connection);
    } else connection.socket?.end();
    return answer;
  };

  const run = async (call: HttpCall, deadlineMs: number): Promise<HttpAnswer> => {
    const reused = takeIdle(idle);
    if (reused !== undefined) {
      try {
        return await attempt(call, reused, deadlineMs);
      } catch (error) {
        // The daemon may have closed it just now; what only reads can be asked again.
        if (call.method !== "GET" || !(error instanceof ClosedConnectionError)) throw error;
      }
    }
    return attempt(call, await connect(options, open, deadlineMs), deadlineMs);
  };

  return {
    async call(call) {
      try {
        if (isClosed) throw new Error("the client was closed");
        return await run(call, performance.now() + call.timeoutMs);
      } catch (error) {
        const why = reasonOf(error, call);
        const target = `${options.hostname}:${options.port}`;
        const what = `${call.method} ${call.path} of ${target}`;
        throw new NoAnswerError(`${what}: ${why}`, { cause: error });
      }
    },
    close() {
      isClosed = true;
      for (const connection of open) connection.socket?.terminate();
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "the host is not known",
  EHOSTUNREACH: "there is no way to the host",
  ENETUNREACH: "there is no way to the host",
};

function reasonOf(error: unknown, call: HttpCall): string {
  if (error instanceof TimeoutError) return `no answer within ${call.timeoutMs} ms`;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? errorText(error);
}

function takeIdle(idle: Connection[]): Connection | undefined {
  for (;;) {
    const connection = idle.pop();
    if (connection === undefined) return undefined;
    if (!connection.isOpen) continue;
    if (performance.now() - connection.idleSinceMs < idleMs) return connection;
    connection.socket?.end();
  }
}

/** Sends one request and waits for its answer; the connection is unusable after a rejection. */
function exchange(
  connection: Connection,
  request: Uint8Array,
  deadlineMs: number,
): Promise<ReadAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadAnswer>();
  const timer = setTimeout(() => pending.reject(new TimeoutError()), remaining(deadlineMs));
  const finish = () => {
    clearTimeout(timer);
    connection.pending = undefined;
  };
  const pending: PendingAnswer = {
    reader: answerReader(),
    resolve(answer) {
      finish();
      resolve(answer);
    },
    reject(error) {
      finish();
      connection.socket?.terminate();
      reject(error);
    },
  };
  connection.pending = pending;
  connection.unsent = request;
  send(connection);
  return promise;
}

function send(connection: Connection): void {
  const { socket, unsent } = connection;
  if (unsent.length === 0 || socket === undefined) return;
  const sent = socket.write(unsent);
  // A closed socket tells its handler; whatever was not taken waits for drain.
  connection.unsent = sent <= 0 ? unsent : unsent.subarray(sent);
}

async function connect(
  { hostname, port, tls }: TransportOptions,
  open: Set<Connection>,
  deadlineMs: number,
): Promise<Connection> {
  const connection: Connection = {
    socket: undefined,
    isOpen: true,
    idleSinceMs: 0,
    unsent: new Uint8Array(),
    pending: undefined,
    handshake: undefined,
  };
  const secured = Promise.withResolvers<void>();
  secured.promise.catch(() => {});
  if (tls === undefined) secured.resolve();
  else connection.handshake = secured;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TimeoutError()), remaining(deadlineMs));
  const connecting = Bun.connect({
    hostname,
    port,
    data: connection,
    socket: handlers(open),
    // An empty object would mean no TLS at all.
    ...(tls === undefined
      ? {}
      : { tls: { ...tls, serverName: hostname, rejectUnauthorized: true } }),
  });
  connecting.then(
    (socket) => {
      connection.socket = socket;
      if (!connection.isOpen) socket.terminate();
      else open.add(connection);
    },
    () => {},
  );
  try {
    await Promise.race([Promise.all([connecting, secured.promise]), late]);
  } catch (error) {
    connection.isOpen = false;
    connection.socket?.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return connection;
}

function handlers(open: Set<Connection>) {
  const ended = (connection: Connection) => {
    connection.isOpen = false;
    open.delete(connection);
    const { pending } = connection;
    connection.handshake?.reject(new Error("the connection ended during the TLS handshake"));
    if (pending === undefined) return;
    const answer = pending.reader.end();
    if (answer !== undefined) pending.resolve(answer);
    else pending.reject(endError(pending.reader));
  };
  return {
    data(socket: Socket<Connection>, bytes: Uint8Array) {
      const { pending } = socket.data;
      // Nobody asked: the connection is out of step.
      if (pending === undefined) return void socket.terminate();
      try {
        const answer = pending.reader.push(bytes);
        if (answer !== undefined) pending.resolve(answer);
      } catch (error) {
        pending.reject(new Error(`the answer was not understood: ${errorText(error)}`));
      }
    },
    handshake(socket: Socket<Connection>, isTrusted: boolean, error: Error | null) {
      const { handshake } = socket.data;
      if (isTrusted && error === null) handshake?.resolve();
      else handshake?.reject(error ?? new Error("the TLS handshake failed"));
    },
    drain: (socket: Socket<Connection>) => send(socket.data),
    end(socket: Socket<Connection>) {
      ended(socket.data);
      socket.end();
    },
    close: (socket: Socket<Connection>) => ended(socket.data),
    error(socket: Socket<Connection>, error: Error) {
      socket.data.handshake?.reject(error);
      socket.data.pending?.reject(error);
    },
  };
}

function endError(reader: AnswerReader): Error {
  return reader.hasBegun()
    ? new Error("the connection ended in the middle of the answer")
    : new ClosedConnectionError("the connection was closed before an answer came");
}

class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

function remaining(deadlineMs: number): number {
  return Math.max(0, deadlineMs - performance.now());
}

function requestBytes(call: HttpCall, options: TransportOptions): Uint8Array {
  const { hostname, port } = options;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  let head = `${call.method} ${call.path} HTTP/1.1\r\nHost: ${host}:${port}\r\n`;
  for (const [name, value] of Object.entries(callHeaders(call, options))) {
    head += `${name}: ${value}\r\n`;
  }
  if (call.keepsAlive === false) head += "Connection: close\r\n";
  if (call.body === undefined) return Buffer.from(`${head}\r\n`, "latin1");
  const body = Buffer.from(call.body, "utf8");
  return Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body]);
}
