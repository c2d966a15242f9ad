import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface ForwarderOptions {
  /** The gateway: where it listens, and the name it is asked for. */
  gateway: { port: number; host: string; ca: string };
  accessToken: string;
}

export interface Forwarder {
  port: number;
  close(): Promise<void>;
}

/**
 * Plain HTTP/1.1 on loopback in front of the gateway, for a client that can send no token and trusts no authority of ours. Of each
 * request it writes the head anew with the token and the gateway's name; every other byte passes as it is, both ways, and when
 * one side hangs up, so does the other.
 */
export async function startForwarder({ gateway, accessToken }: ForwarderOptions): Promise<Forwarder> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTls({ host: '127.0.0.1', port: gateway.port, servername: gateway.host, ca: gateway.ca });
    const { port } = server.address() as AddressInfo;
    const heads = new HeadRewriter(`127.0.0.1:${port}`, `${gateway.host}:${gateway.port}`, accessToken);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.setNoDelay(true);
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      upstream.write(Buffer.concat(heads.take(chunk)));
    });
    upstream.pipe(client);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

const END_OF_HEAD = '\r\n\r\n';

/** The requests of one connection, taken apart into heads and bodies (RFC 9112 §6.3). */
class HeadRewriter {
  readonly #own: string;
  readonly #gateway: string;
  readonly #accessToken: string;
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes of the current body that are still to come. */
  #body = 0;

  constructor(own: string, gateway: string, accessToken: string) {
    this.#own = own;
    this.#gateway = gateway;
    this.#accessToken = accessToken;
  }

  /** What to send on for these bytes. */
  take(chunk: Buffer): Buffer[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const parts: Buffer[] = [];
    for (;;) {
      const body = this.#cut(Math.min(this.#body, this.#pending.length));
      this.#body -= body.length;
      if (body.length > 0) parts.push(body);
      const end = this.#body > 0 ? -1 : this.#pending.indexOf(END_OF_HEAD);
      if (end < 0) return parts;
      const head = this.#cut(end + END_OF_HEAD.length).toString('latin1');
      if (/^transfer-encoding:/im.test(head)) throw new Error('the forwarder takes requests with Content-Length only');
      this.#body = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      parts.push(Buffer.from(this.#rewrite(head), 'latin1'));
    }
  }

  /** A Host that is not the forwarder's own is what the client wants to be seen with. */
  #rewrite(head: string): string {
    return head
      .replace(/^(host: *)(\S+)/im, (line, name: string, host: string) =>
        host === this.#own ? name + this.#gateway : line,
      )
      .replace('\r\n', `\r\nAuthorization: Bearer ${this.#accessToken}\r\n`);
  }

  #cut(length: number): Buffer {
    const cut = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return cut;
  }
}
