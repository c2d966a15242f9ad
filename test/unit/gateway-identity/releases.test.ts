import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizationServerMetadata } from '../../../src/gateway/metadata.ts';
import { emulatedBehaviour, type EmulatedRelease } from '../../../src/pomerium/versions.ts';
import {
  authorizeTarget,
  type Bench,
  bodyOf,
  Browser,
  CALLBACK,
  createBench,
  createPkce,
  header,
  obtainTokens,
  refreshForm,
  registerClient,
  requestToken,
  ROUTE_HOST,
  testOptions,
} from './harness.ts';
import { startProvider, type TestProvider } from './provider.ts';

let provider: TestProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

function benchOf(release: EmulatedRelease): Bench {
  return createBench(testOptions({ idp_provider_url: provider.issuer }), { behaviour: emulatedBehaviour(release) });
}

async function authorizationResponse({ identity }: Bench): Promise<URL> {
  const clientId = String((await registerClient(identity))['client_id']);
  const target = authorizeTarget({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: `${CALLBACK}?keep=1`,
    state: 'st-1',
    code_challenge: createPkce().challenge,
    code_challenge_method: 'S256',
  });
  const reply = await new Browser(identity).open(`https://${ROUTE_HOST}${target}`, provider.issuer);
  return new URL(header(reply, 'location') ?? '');
}

describe('v0.33.1', () => {
  test('says no issuer in the authorization response, and announces none', async () => {
    expect([...(await authorizationResponse(benchOf('v0.33.1'))).searchParams.keys()]).toEqual([
      'code',
      'keep',
      'state',
    ]);
    expect(authorizationServerMetadata(ROUTE_HOST, testOptions(), emulatedBehaviour('v0.33.1'))).not.toContain('iss_');
  });

  test('issues bare tokens and knows no others', async () => {
    const { identity } = benchOf('v0.33.1');
    const { accessToken, refreshToken, clientId } = await obtainTokens(new Browser(identity), provider.issuer);
    for (const token of [accessToken, refreshToken]) expect(token).toMatch(/^[A-Za-z0-9+/=]{128}$/);
    expect(identity.sessionOfToken(`pom_mat_${accessToken}`)).toBeUndefined();
    const refused = await requestToken(identity, refreshForm(clientId, `pom_mrt_${refreshToken}`));
    expect(bodyOf(refused)).toEqual({ error: 'invalid_grant' });
  });
});

describe('next', () => {
  test('says its issuer in the authorization response, as its metadata announces (RFC 9207)', async () => {
    const { searchParams } = await authorizationResponse(benchOf('next'));
    expect([...searchParams.keys()]).toEqual(['code', 'iss', 'keep', 'state']);
    const metadata = JSON.parse(
      authorizationServerMetadata(ROUTE_HOST, testOptions(), emulatedBehaviour('next')),
    ) as Record<string, unknown>;
    expect(metadata).toMatchObject({
      issuer: searchParams.get('iss'),
      authorization_response_iss_parameter_supported: true,
    });
  });

  test('tells the kind of a token by how it begins, and takes bare ones too', async () => {
    const { identity } = benchOf('next');
    const { accessToken, refreshToken, clientId } = await obtainTokens(new Browser(identity), provider.issuer);
    expect(accessToken).toMatch(/^pom_mat_[A-Za-z0-9+/=]{128}$/);
    expect(refreshToken).toMatch(/^pom_mrt_[A-Za-z0-9+/=]{128}$/);
    const session = identity.sessionOfToken(accessToken);
    expect(session?.email).toBe('alice@company.com');
    expect(identity.sessionOfToken(accessToken.slice('pom_mat_'.length))).toBe(session);
    expect(identity.sessionOfToken(refreshToken)).toBeUndefined();
    if (!session) throw new Error('no session');
    expect(identity.clientRouteToken(session)).toMatch(/^pom_mat_/);
    const renewed = bodyOf(await requestToken(identity, refreshForm(clientId, refreshToken.slice('pom_mrt_'.length))));
    expect(renewed['refresh_token']).toMatch(/^pom_mrt_/);
    const again = await requestToken(identity, refreshForm(clientId, String(renewed['refresh_token'])));
    expect(bodyOf(again)['access_token']).toMatch(/^pom_mat_/);
  });
});
