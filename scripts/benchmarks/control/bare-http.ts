// The least of HTTP/1.1 that a bench needs: one connection, one request at a time. A full client
// costs more than the daemon that it measures.

export interface BareHttp {
  /** Answers the status once the whole answer is there. */
  post(path: string, body: string): Promise<number>;
  close(): void;
}

export async function bareHttp(hostname: string, port: number): Promise<BareHttp> {
  let text = "";
  let waiting: ((status: number) => void) | undefined;
  const socket = await Bun.connect({
    hostname,
    port,
    socket: {
      data(_socket, bytes) {
        text += bytes.toString("latin1");
        const head = text.indexOf("\r\n\r\n");
        if (head < 0) return;
        const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
        if (text.length < head + 4 + length) return;
        const status = Number(text.slice(9, 12));
        text = "";
        waiting?.(status);
      },
      close() {
        waiting?.(0);
      },
    },
  });
  return {
    post(path, body) {
      const { promise, resolve } = Promise.withResolvers<number>();
      waiting = resolve;
      const head =
        `POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.write(head + body);
      return promise;
    },
    close: () => socket.end(),
  };
}
