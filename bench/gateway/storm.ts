import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpstreamToken } from '../../src/gateway/upstream-oauth/upstream-token.ts';
import { startUpstreamProvider, type UpstreamProvider } from '../../src/idp/as-upstream/index.ts';
import { answersChallenge, clientOptions } from './measure.ts';
import { firstLine, freePort, run, stop } from './processes.ts';
import { startGatewayProcess, type Bench } from './targets.ts';

/* Many clients of one user call at the moment at which the user's upstream token has expired: the gateway has to renew it once, and answer all. */

const CLIENTS = 100;
const STORMS = 8;
/** Seconds that an upstream token lives: long enough for the calls with a good one. */
const LIFE = 1;
const CLIENT = { id: 'bench', secret: 'bench' };
const CALLBACK = 'https://whoami.localhost:8443/.pomerium/mcp/client/oauth/callback';
const USER = { email: 'bench@company.com', name: 'Bench', groups: [] };

/** Milliseconds of each call, by storm. */
export interface StormTimes {
  expired: number[][];
  fresh: number[][];
}

export interface StormFigures extends StormTimes {
  clients: number;
  storms: number;
  refreshes: number;
}

/** The token endpoint and the MCP server behind it are the mock of a provider. */
export async function measureStorms(bench: Bench): Promise<StormFigures> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = await startProvider(port, issuer);
  const folder = join(bench.folder, 'storm');
  mkdirSync(folder);
  writeFileSync(join(folder, 'upstream-token.json'), JSON.stringify(await consent(issuer)));
  const server = `{path: /mcp, upstream_oauth2: {client_id: ${CLIENT.id}, client_secret: ${CLIENT.secret}, endpoint: {auth_url: "${issuer}/authorize", token_url: "${issuer}/token"}}}`;
  const target = await startGatewayProcess({ ...bench, folder, upstreamPort: port }, { server });
  try {
    await answersChallenge(target, bench);
    const headers = `Authorization: Bearer ${await firstLine(target.started)}\r\n`;
    const options = { ...clientOptions(bench, { ...target, headers }), clients: CLIENTS, storms: STORMS, life: LIFE };
    const text = await run(process.execPath, [bench.programs['storm-client'], JSON.stringify(options)]);
    // Without the one of the calls that are not measured.
    const refreshes = provider.stats().refreshes - 1;
    return { ...(JSON.parse(text) as StormTimes), clients: CLIENTS, storms: STORMS, refreshes };
  } finally {
    await stop(target.started.child);
    await provider.close();
  }
}

async function startProvider(port: number, issuer: string): Promise<UpstreamProvider> {
  return startUpstreamProvider({
    listen: { host: '127.0.0.1', port },
    issuer,
    resource: 'http://mcp-servers:8080',
    client: CLIENT,
    registration: false,
    clientMetadataDocuments: false,
    users: { bench: USER },
    accessTokenLife: LIFE,
    refreshTokens: true,
    scopes: ['read'],
    faults: [],
    autoApprove: 'bench',
    log: () => undefined,
  });
}

/** The user's consent, as the gateway and a browser obtain it; the token has expired already. */
async function consent(issuer: string): Promise<UpstreamToken> {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT.id,
    redirect_uri: CALLBACK,
    state: 'bench',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const approved = await fetch(`${issuer}/authorize?${query.toString()}`, { redirect: 'manual' });
  const code = new URL(approved.headers.get('location') ?? '', issuer).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: verifier };
  const body = new URLSearchParams({ ...form, client_id: CLIENT.id, client_secret: CLIENT.secret });
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body });
  const tokens = (await answer.json()) as { access_token: string; refresh_token: string };
  if (!answer.ok) throw new Error(`no upstream token: ${JSON.stringify(tokens)}`);
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    issuedAt: 0,
    expiresAt: 1,
    scopes: ['read'],
    clientId: CLIENT.id,
    issuer,
    tokenEndpoint: `${issuer}/token`,
    resource: '',
  };
}
