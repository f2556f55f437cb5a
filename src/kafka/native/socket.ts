// A TCP or TLS socket to a broker: connected within a bound, certificate and host name verified,
// writes queued. Its errors say what was tried and what to look at.

import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { errorText } from "../../core/trogdor-error.ts";
import { KafkaError } from "../client.ts";
import type { BrokerAddress, TlsConf } from "../conf/types.ts";
import { networkError } from "./protocol-error.ts";
import { readOn } from "./read-on.ts";
import { createWriteQueue, type WriteQueue } from "./write-queue.ts";

export interface SocketOptions {
  readonly name: string;
  readonly address: BrokerAddress;
  readonly tls: TlsConf | undefined;
  readonly setupTimeoutMs: number;
  /** Ends the opening. */
  readonly signal?: AbortSignal;
  /** How much is sure to come; see read-on.ts. */
  bytesLeft?(): number;
  /** The chunk is valid during the call. */
  onData(chunk: Uint8Array): void;
  /** The socket ended, for any reason but `close`. Called once, only after it was open. */
  onClose(reason: KafkaError): void;
  /** The socket is closed, by whomever. Called only after it was open. */
  onGone?(): void;
}

export interface RawSocket {
  write(bytes: Uint8Array, onWritten?: () => void): void;
  close(): void;
  /** Ends this side only; `onGone` tells when the broker has ended its own. Then `close` it. */
  shutdown(): void;
}

export function openSocket(options: SocketOptions): Promise<RawSocket> {
  return new Promise((resolve, reject) => {
    let state: "opening" | "open" | "closed" = "opening";
    let queue: WriteQueue | undefined;
    let bunSocket: Bun.Socket<undefined> | undefined;
    let hasReceived = false;

    const end = (reason: KafkaError) => {
      if (state === "closed") return;
      const wasOpen = state === "open";
      state = "closed";
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
      bunSocket?.terminate();
      if (wasOpen) options.onClose(reason);
      else reject(reason);
    };
    const failed = (error: unknown) => {
      const isConnected = bunSocket !== undefined;
      const isShakingHands = options.tls !== undefined && isConnected && !hasReceived;
      const toError = isShakingHands ? handshakeError : networkErrorOf;
      end(toError(options.name, error));
    };
    const timer = setTimeout(
      () => end(networkError(options.name, `no connection within ${options.setupTimeoutMs} ms`)),
      options.setupTimeoutMs,
    );
    const descriptor = () => (state === "open" ? descriptorOf(bunSocket) : -1);
    const onAbort = () => end(networkError(options.name, "the client was closed"));
    options.signal?.addEventListener("abort", onAbort);
    const opened = (socket: Bun.Socket<undefined>) => {
      if (state !== "opening") {
        socket.terminate();
        return;
      }
      state = "open";
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
      socket.setNoDelay(true);
      const openQueue = createWriteQueue(socket);
      queue = openQueue;
      resolve({
        write: (bytes, onWritten) => openQueue.push(bytes, onWritten),
        close() {
          state = "closed";
          socket.end();
        },
        shutdown() {
          state = "closed";
          socket.shutdown();
        },
      });
    };

    Bun.connect({
      hostname: options.address.host,
      port: options.address.port,
      ...(options.tls === undefined ? {} : { tls: tlsOptions(options.tls, options.address.host) }),
      socket: {
        binaryType: "uint8array",
        open(socket) {
          bunSocket = socket;
          if (options.tls === undefined || state === "closed") opened(socket);
        },
        handshake(socket, success, authorizationError) {
          if (options.tls === undefined) return;
          const problem = tlsProblem(options.tls, options, socket, success, authorizationError);
          if (problem === undefined) opened(socket);
          else end(problem);
        },
        data(_socket, chunk) {
          if (!hasReceived) {
            hasReceived = true;
            if (options.tls === undefined && looksLikeTls(chunk)) {
              end(tlsExpected(options.name));
              return;
            }
          }
          if (state !== "open") return;
          options.onData(chunk);
          if (options.tls === undefined) readOn(options, descriptor);
        },
        drain() {
          // The memory of requests that a closed socket did not take may have another use by now.
          if (state === "open") queue?.drain();
        },
        error: (_socket, error) => failed(error),
        end: () => end(endedError(options, hasReceived)),
        close(_socket, error) {
          if (state !== "opening") options.onGone?.();
          if (error) failed(error);
          else end(endedError(options, hasReceived));
        },
        connectError: (_socket, error) => failed(error),
      },
    }).catch(failed);
  });
}

/** Bun does not document it: -1 where it is not there. */
function descriptorOf(socket: Bun.Socket<undefined> | undefined): number {
  return socket !== undefined && "fd" in socket && typeof socket.fd === "number" ? socket.fd : -1;
}

function tlsOptions(tls: TlsConf, host: string): Bun.TLSOptions {
  return {
    // Verified by hand after the handshake, so that the message can say what was wrong.
    rejectUnauthorized: false,
    ...(isIpAddress(host) ? {} : { serverName: host }),
    ...(tls.caPem === undefined ? {} : { ca: tls.caPem }),
    ...(tls.certPem === undefined ? {} : { cert: tls.certPem }),
    ...(tls.keyPem === undefined ? {} : { key: tls.keyPem }),
  };
}

function tlsProblem(
  tls: TlsConf,
  options: SocketOptions,
  socket: Bun.Socket<undefined>,
  success: boolean,
  authorizationError: Error | null,
): KafkaError | undefined {
  if (authorizationError !== null) {
    return tlsError(
      `${options.name}: the broker's certificate is not trusted` +
        ` (${errorText(authorizationError)}); check ssl.truststore.location`,
      authorizationError,
    );
  }
  if (!success) return tlsError(`${options.name}: the TLS handshake failed`, undefined);
  if (!tls.verifyHostname) return undefined;
  const certificate = socket.getPeerCertificate?.() as unknown as PeerCertificate | undefined;
  const mismatch =
    certificate === undefined
      ? new Error("the broker sent no certificate")
      : checkServerIdentity(options.address.host, certificate);
  if (mismatch === undefined) return undefined;
  return tlsError(
    `${options.name}: the broker's certificate is for another host (${errorText(mismatch)}); set` +
      ' ssl.endpoint.identification.algorithm to "" to accept it',
    mismatch,
  );
}

function tlsError(message: string, cause: unknown): KafkaError {
  return new KafkaError("SSL_HANDSHAKE_FAILED", message, false, cause);
}

/** The other side went away: it may not speak TLS, or it is just being stopped. */
function brokenHandshake(message: string, cause?: unknown): KafkaError {
  return new KafkaError("SSL_HANDSHAKE_FAILED", message, true, cause);
}

function tlsExpected(name: string): KafkaError {
  return tlsError(
    `${name}: the broker expects TLS on this port; set security.protocol to SSL or SASL_SSL`,
    undefined,
  );
}

/** A TLS alert or handshake record, which a TLS port answers to plain bytes. */
function looksLikeTls(chunk: Uint8Array): boolean {
  return chunk.byteLength >= 3 && chunk[0]! >= 0x14 && chunk[0]! <= 0x17 && chunk[1] === 3;
}

function isIpAddress(host: string): boolean {
  return host.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

function networkErrorOf(name: string, error: unknown): KafkaError {
  return networkError(name, errorText(error), error);
}

function handshakeError(name: string, error: unknown): KafkaError {
  const text = errorText(error);
  // What a broker objects to often comes right behind a handshake that was complete for the client.
  const alert = /SSL routines.*ALERT_(\w+)/.exec(text)?.[1];
  if (alert === undefined) {
    const message = `${name}: the TLS handshake failed (${text}); does this port speak TLS?`;
    return brokenHandshake(message, error);
  }
  const objection = alert.toLowerCase().replaceAll("_", " ");
  return tlsError(
    `${name}: the broker refused the TLS connection (${objection}); does it ask for a client` +
      " certificate (ssl.keystore.location)?",
    error,
  );
}

function endedError(options: SocketOptions, hasReceived: boolean): KafkaError {
  if (hasReceived) return networkError(options.name, "the broker closed the connection");
  if (options.tls !== undefined) {
    return brokenHandshake(
      `${options.name}: the broker closed the connection in the TLS handshake or right after it;` +
        " does this port speak TLS, and does it ask for a client certificate or for SASL?",
    );
  }
  return networkError(
    options.name,
    "the broker closed the connection without an answer; does this port expect TLS or SASL" +
      " (security.protocol)?",
  );
}
