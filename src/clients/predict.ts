import type { McpClient } from './client.ts';

/** What a client meets. */
export interface GatewayTraits {
  /** The server's address, as clients are given it. */
  server: URL;
  /** Only this machine and its network resolve the name or reach the port. */
  isLocal: boolean;
  /** Its certificate comes from an authority that only its own people trust. */
  hasPrivateAuthority: boolean;
  /** The registration endpoint answers. */
  registers: boolean;
  /** Whether metadata documents of a host are taken; undefined: from outside that cannot be told, but the server says that it takes some. */
  takesDocumentsOf: (host: string) => boolean | undefined;
  /** The server says that it takes documents at all. */
  takesDocuments: boolean;
  /** `resource` of the protected resource metadata. */
  resource?: string;
  /** Of Pomerium, where it is known: before v0.33.0 the port of a loopback redirect counts. */
  ignoresLoopbackPort: boolean;
  /** `private_key_jwt` is understood. */
  takesKeyJwt: boolean;
}

export interface Prediction {
  kind: 'works' | 'fails';
  /** In a few words. */
  reason: string;
  /** What makes it work; also what a client that works has to be told. */
  mend?: string;
}

/** Whether a client gets as far as a tool call, by the rules it is known to follow. Pure. */
export function predict(client: McpClient, gateway: GatewayTraits): Prediction {
  return (
    reach(client, gateway) ??
    trust(client, gateway) ??
    becomeKnown(client, gateway) ??
    redirect(client, gateway) ??
    resource(client, gateway) ?? {
      kind: 'works',
      reason: howKnown(client, gateway),
      ...(gateway.hasPrivateAuthority && client.privateAuthority !== false ? { mend: client.privateAuthority } : {}),
    }
  );
}

function reach({ from, ports }: McpClient, { isLocal, server }: GatewayTraits): Prediction | undefined {
  if (from === 'vendor' && isLocal) {
    const mend = 'a public name and port 443: mcpgw create <folder> --address public --domain <name>';
    return {
      kind: 'fails',
      reason: `it connects from its vendor’s servers, which do not reach ${server.hostname}`,
      mend,
    };
  }
  const port = Number(server.port || (server.protocol === 'http:' ? 80 : 443));
  if (ports && !ports.includes(port)) {
    const reason = `it reaches port ${ports.join(', ')} only, and this gateway is on ${port}`;
    return { kind: 'fails', reason, mend: `mcpgw up --port ${ports[0] ?? 443} --save` };
  }
  return undefined;
}

function trust({ privateAuthority }: McpClient, { hasPrivateAuthority }: GatewayTraits): Prediction | undefined {
  if (!hasPrivateAuthority || privateAuthority !== false) return undefined;
  return {
    kind: 'fails',
    reason: 'it trusts public authorities only',
    mend: 'a certificate from one, such as autocert fetches',
  };
}

function becomeKnown(client: McpClient, gateway: GatewayTraits): Prediction | undefined {
  const { metadataHost: host, insistsOnDocument } = client;
  if (insistsOnDocument && host && gateway.takesDocuments && gateway.takesDocumentsOf(host) === false) {
    const reason = `it uses its metadata document on ${host}, which is not allowed, although it could register`;
    return { kind: 'fails', reason, mend: `add ${host} to mcp_allowed_client_id_domains` };
  }
  if (documentsWork(client, gateway) || (client.registers && gateway.registers)) return undefined;
  const flag = 'runtime_flags: {mcp_dynamic_client_registration: true} in pomerium-config.yaml';
  if (client.metadataHost === false || client.metadataHost === undefined)
    return { kind: 'fails', reason: 'it has to register itself, and there is no registration endpoint', mend: flag };
  if (client.metadataAuthMethod !== undefined && !gateway.takesKeyJwt) {
    const reason = `its metadata document asks for ${client.metadataAuthMethod}, which this gateway refuses, and it cannot register`;
    return { kind: 'fails', reason, mend: flag };
  }
  const reason = gateway.takesDocuments
    ? `its metadata document is on ${client.metadataHost}, which is not allowed, and there is no registration endpoint`
    : 'the server takes no metadata documents and has no registration endpoint';
  return { kind: 'fails', reason, mend: `mcp_allowed_client_id_domains: [${client.metadataHost}], or ${flag}` };
}

/** A client that knows documents uses them as soon as the server says that it takes them, and falls back to registration. */
function documentsWork({ metadataHost, metadataAuthMethod }: McpClient, gateway: GatewayTraits): boolean {
  if (!metadataHost || !gateway.takesDocuments) return false;
  if (metadataAuthMethod !== undefined && !gateway.takesKeyJwt) return false;
  return gateway.takesDocumentsOf(metadataHost) !== false;
}

function redirect({ needsLoopbackPort }: McpClient, { ignoresLoopbackPort }: GatewayTraits): Prediction | undefined {
  if (!needsLoopbackPort || ignoresLoopbackPort) return undefined;
  const reason = 'its redirect URI has another port each time, which Pomerium ignores only since v0.33.0';
  return { kind: 'fails', reason, mend: 'POMERIUM_IMAGE=pomerium/pomerium:v0.33.1 in .env' };
}

function resource({ strictResource }: McpClient, { resource: said, server }: GatewayTraits): Prediction | undefined {
  if (!strictResource || said === undefined || withoutSlash(said) === withoutSlash(server.href)) return undefined;
  const reason = `it was given ${server.href}, and the metadata names ${said}`;
  return { kind: 'fails', reason, mend: `give it this address: ${said}` };
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

function howKnown(client: McpClient, gateway: GatewayTraits): string {
  return documentsWork(client, gateway) ? 'known by its metadata document' : 'registers itself';
}
