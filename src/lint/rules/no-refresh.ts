import type { Rule } from '../rule.ts';
import { isSet } from '../subject.ts';

export const noRefresh: Rule = {
  id: 'NO_REFRESH',
  severity: 'warning',
  title: 'The identity provider gives refresh tokens',
  why: 'Without one the refresh of an MCP client fails, and its user has to sign in again whenever the session ends.',
  fix: 'raise `cookie_expire`, or choose a provider that gives refresh tokens (Google, Entra ID, Okta, any OIDC provider with offline_access)',
  source: 'Pomerium v0.33.1 pkg/identity/oauth/github; internal/mcp/handler_token.go',
  *check(subject) {
    const { options } = subject.config;
    if (!options || !isSet(subject, 'authenticate_service_url')) return;
    const { idp_provider: provider, idp_scopes: scopes } = options;
    if (provider === 'github') {
      yield { path: ['idp_provider'], message: '`idp_provider: github` gives no refresh tokens' };
    } else if (provider === 'oidc' && scopes.length > 0 && !scopes.includes('offline_access')) {
      yield {
        path: ['idp_scopes'],
        message: '`idp_scopes` lacks `offline_access`, for which most providers give a refresh token',
        fix: 'add offline_access to idp_scopes, unless your provider gives refresh tokens without it',
      };
    }
  },
};
