import { discover } from '../authorization-server.ts';
import { failure, ok, skipped, warning, type Check } from '../check.ts';
import { advise } from '../servers.ts';
import { show } from '../words.ts';

const has = (list: unknown, value: string): boolean => Array.isArray(list) && list.includes(value);

export const grantTypes: Check = {
  id: 'MET-06',
  area: 'metadata',
  title: 'code and refresh grants, for clients without a secret',
  on: ['server'],
  needs: ['MET-02'],
  async run(patient) {
    const [server] = await patient.servers();
    if (!server) return skipped('no MCP route asks for a sign-in');
    const { metadata } = await discover(patient, server);
    const responses = metadata['response_types_supported'];
    // RFC 8414 §2: what is left out has a default.
    const grants = metadata['grant_types_supported'] ?? ['authorization_code', 'implicit'];
    const methods = metadata['token_endpoint_auth_methods_supported'] ?? ['client_secret_basic'];
    const evidence = [
      `grant types: ${show(grants)}`,
      `response types: ${show(responses)}`,
      `authentication: ${show(methods)}`,
    ];
    const fix = (rule: string): string => advise(patient, 'mcpgw restart', rule);
    if (responses !== undefined && !has(responses, 'code'))
      return failure('the response type `code` is not offered', fix('RFC 6749 §4.1'), evidence);
    if (!has(grants, 'authorization_code'))
      return failure('the grant authorization_code is not offered', fix('RFC 6749 §4.1'), evidence);
    if (!has(grants, 'refresh_token'))
      return warning('no refresh grant: users sign in anew whenever a token ends', fix('RFC 6749 §6'), evidence);
    if (!has(methods, 'none'))
      return warning(
        'clients without a secret are not said to be taken',
        fix('offer token_endpoint_auth_method none'),
        evidence,
      );
    return ok('authorization_code, refresh_token, none', evidence);
  },
};
