import { failure, ok, warning, type Check, type Finding } from '../check.ts';
import { getJson } from '../probe.ts';
import { guardedServers } from '../servers.ts';
import { show } from '../words.ts';
import type { Fetch } from '../../net/fetch.ts';

export const serverMetadata: Check = {
  id: 'MET-02',
  area: 'metadata',
  title: 'authorization server: issuer, S256, endpoints',
  needs: ['GTW-02'],
  async run({ project, fetch }, signal) {
    const loaded = await project();
    const send = await fetch(loaded);
    const origins = [...new Set(guardedServers(loaded).map(({ url }) => url.origin))];
    const registers = loaded.parsed.options?.runtime_flags['mcp_dynamic_client_registration'] === true;
    const findings = await Promise.all(origins.map(async (origin) => look(origin, registers, send, signal)));
    const isBad = (kind: Finding['kind']): Finding | undefined => findings.find((finding) => finding.kind === kind);
    return isBad('failure') ?? isBad('warning') ?? ok('issuer, S256 and endpoints agree', origins);
  },
};

/** RFC 8414 §3.3: the issuer is the URL that was asked, to the character. */
async function look(origin: string, registers: boolean, send: Fetch, signal: AbortSignal): Promise<Finding> {
  const url = `${origin}/.well-known/oauth-authorization-server`;
  const document = await getJson(send, url, signal);
  const { issuer, code_challenge_methods_supported: methods, registration_endpoint: registration } = document;
  const evidence = [url, ...MEMBERS.map((name) => `${name}: ${JSON.stringify(document[name]) ?? 'missing'}`)];
  if (issuer !== origin) return failure(`issuer is ${show(issuer)}, looked up as ${origin}`, 'mcpgw restart', evidence);
  if (!Array.isArray(methods) || !methods.includes('S256')) {
    return failure(
      `${origin} does not offer S256, without which MCP clients refuse to sign in`,
      'mcpgw restart',
      evidence,
    );
  }
  const lost = ['authorization_endpoint', 'token_endpoint'].find((name) => !isBelow(document[name], origin));
  if (lost) return failure(`${lost} is ${show(document[lost])}, not a URL of ${origin}`, 'mcpgw restart', evidence);
  if (registers && !isBelow(registration, origin)) {
    return failure(`registration is on in pomerium-config.yaml, and ${origin} offers none`, 'mcpgw up', evidence);
  }
  if (!registers && registration !== undefined) {
    return warning(`registration is off in pomerium-config.yaml, and ${origin} offers it`, 'mcpgw up', evidence);
  }
  return ok(origin);
}

const MEMBERS = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'code_challenge_methods_supported',
];

function isBelow(value: unknown, origin: string): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === origin;
}
