import { discover } from '../authorization-server.ts';
import { failure, ok, skipped, warning, worstOf, type Check, type Finding, type Patient } from '../check.ts';
import { getJson } from '../probe.ts';
import { advise } from '../servers.ts';
import { show } from '../words.ts';
import type { Fetch } from '../../net/fetch.ts';

export const serverMetadata: Check = {
  id: 'MET-02',
  area: 'metadata',
  title: 'authorization server: issuer, S256, endpoints',
  on: ['server'],
  needs: ['GTW-02'],
  async run(patient, signal) {
    const send = await patient.fetch();
    const servers = await patient.servers();
    if (patient.target.kind === 'url') return lookAbroad(patient);
    const { options } = await patient.configuration();
    const origins = [...new Set(servers.map(({ url }) => url.origin))];
    const registers = options?.runtime_flags['mcp_dynamic_client_registration'] === true;
    const findings = await Promise.all(origins.map(async (origin) => look(origin, registers, send, signal)));
    const found = worstOf(findings, () => ok('issuer, S256 and endpoints agree', origins));
    const isOurs = patient.target.kind === 'project' || !('fix' in found);
    return isOurs ? found : { ...found, fix: advise(patient, '', 'have it read this configuration') };
  },
};

/** Of a stranger, the authorization server may be anywhere. */
async function lookAbroad(patient: Patient): Promise<Finding> {
  const [server] = await patient.servers();
  if (!server) return skipped('there is no server');
  const { issuer, metadataUrl, metadata } = await discover(patient, server);
  const evidence = [metadataUrl, ...MEMBERS.map((name) => `${name}: ${JSON.stringify(metadata[name]) ?? 'missing'}`)];
  const bad = (text: string, rule: string): Finding => failure(text, advise(patient, '', rule), evidence);
  if (metadata['issuer'] !== issuer)
    return bad(`issuer is ${show(metadata['issuer'])}, looked up as ${issuer}`, 'RFC 8414 §3.3');
  const lost = ['authorization_endpoint', 'token_endpoint'].find((name) => !isSafe(metadata[name]));
  if (lost) return bad(`${lost} is ${show(metadata[lost])}, no https URL`, 'RFC 8414 §2');
  const methods = metadata['code_challenge_methods_supported'];
  if (!Array.isArray(methods) || !methods.includes('S256'))
    return bad(
      'S256 is not offered, without which MCP clients refuse to sign in',
      'RFC 7636, and say so in the metadata',
    );
  return ok(`${issuer}: issuer, S256 and endpoints agree`, evidence);
}

function isSafe(value: unknown): boolean {
  const url = typeof value === 'string' ? URL.parse(value) : undefined;
  return url?.protocol === 'https:' || /^(localhost|127\.|\[::1\])/.test(url?.hostname ?? '');
}

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
