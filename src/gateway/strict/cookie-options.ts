import type { Options } from '../../pomerium/model.ts';

const HOST_ONLY = '__Host-';

/**
 * The configuration with cookies that belong to one host and come along from other sites only when a person follows a link. A browser takes
 * the prefix as a promise: Secure, the path `/` and no Domain (draft-ietf-httpbis-rfc6265bis §4.1.3.2).
 */
export function withHostCookies(options: Options): Options {
  const { cookie_domain: _, cookie_name: name, cookie_same_site: sameSite, ...others } = options;
  return {
    ...others,
    cookie_name: name.startsWith(HOST_ONLY) ? name : HOST_ONLY + name,
    cookie_same_site: sameSite?.toLowerCase() === 'strict' ? 'strict' : 'lax',
    rest: { ...options.rest, cookie_http_only: true },
  };
}
