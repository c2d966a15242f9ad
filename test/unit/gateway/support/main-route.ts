import type { AddressInfo, Server } from 'node:net';
import { SECRETS } from './start.ts';

/** A configuration up to its `routes:`. */
export const BASE = `${SECRETS}authenticate_service_url: https://authenticate.localhost:8443
idp_provider: oidc
idp_provider_url: http://idp.localhost:9080
idp_client_id: mcpgw
idp_client_secret: x
certificates:
  - cert: /x.crt
    key: /x.key
`;

/** The route that `GET` asks for; `extra` is indented as its keys are. */
export function route(to: string, extra = ''): string {
  return `  - name: Main
    from: https://mcp.localhost:8443
    to: ${to}
    mcp:
      server: {}
    policy:
      - allow:
          or:
            - domain:
                is: company.com
${extra}`;
}

/** The port on which a server of the test listens. */
export function listening(server: Server): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  return promise;
}

/** Asked as alice. */
export const GET =
  'GET / HTTP/1.1\r\nHost: mcp.localhost:8443\r\nAccept: application/json\r\nAuthorization: Bearer alice\r\nConnection: close\r\n\r\n';
