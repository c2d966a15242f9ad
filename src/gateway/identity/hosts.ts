import type { Options } from '../../pomerium/model.ts';
import type { Exchange } from '../exchange.ts';
import { encodeQuery } from './go-text.ts';

/** The hosted service, where Pomerium sends people when no own one is configured. */
const HOSTED = 'https://authenticate.pomerium.app';

/** Scheme, host and port of the authenticate service, without a slash at the end. */
export function authenticateOrigin(options: Options): string {
  const url = options.authenticate_service_url;
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : HOSTED;
}

/** Whether a Host header names the authenticate service; its port counts. */
export function isAuthenticateHost(options: Options, host: string): boolean {
  if (options.authenticate_service_url === undefined) return false;
  const own = new URL(authenticateOrigin(options)).host;
  return host === own || host === `${own}:443`;
}

/** The request's URL as it stands in links: https, its parameters sorted. */
export function absoluteUrl(exchange: Exchange): string {
  const query = encodeQuery(exchange.query);
  return `https://${exchange.host}${exchange.path}${query === '' ? '' : `?${query}`}`;
}
