import { checkAfterRoutes, checkBeforeRoutes } from './checks/globals.ts';
import { checkRoutes } from './checks/routes.ts';
import { checkUnique } from './checks/unique.ts';
import { checkFlags, checkNullMcp, checkWorking } from './checks/working.ts';
import { parseClaimsHeaders } from './read/claims-headers.ts';
import { decode } from './schema/decode.ts';
import { overlayEnvironment } from './read/environment.ts';
import type { ParseContext, ParsedConfig } from './index.ts';
import type { Options } from './model.ts';
import { buildOptions } from './options.ts';
import { readCertificates } from './read/certificates.ts';
import { readEncodedRoutes } from './read/encoded-routes.ts';
import { readRoutes } from './read/routes.ts';
import { readSecrets } from './read/secrets.ts';
import { readText } from './read/text.ts';
import { createReport, type Report } from './report.ts';
import type { GlobalKeys } from './schema/global.ts';
import { warnAboutSignIn } from './checks/sign-in.ts';
import type { Source } from './read/yaml-source.ts';

/**
 * Reads Pomerium's configuration. Never throws: what is wrong comes back as problems, those for which Pomerium would not start with
 * its text. Options are there when no problem is an error.
 */
export function parseConfig(text: string, context: ParseContext): ParsedConfig {
  const { source, data, problems } = readText(text, context.file);
  if (!source) return { problems };
  const overlaid = overlayEnvironment(data, context.env ?? {});
  const report = createReport({ file: context.file, positionOf: source.positionOf, variables: overlaid.variables });
  const decodable = readEncodedRoutes(overlaid.data, report);
  const keys = decode(decodable, report);
  checkNullMcp(decodable, report);
  warnAboutClaims(source, report);
  const options = keys && readOptions(keys, context, report);
  return {
    ...(options && !report.hasErrors() && { options }),
    problems: [...report.problems],
    source: { data, positionOf: (path) => source.positionOf(path) },
  };
}

/** In the order in which Pomerium would stumble. */
function readOptions(keys: GlobalKeys, { readFile }: ParseContext, report: Report): Options {
  const entries = readRoutes(keys, report);
  const claimsHeaders = readClaimsHeaders(keys.jwt_claims_headers, report);
  checkBeforeRoutes(keys, report);
  const secrets = readSecrets(keys, report, readFile);
  checkRoutes(entries, report, readFile);
  const certificates = readCertificates(keys, report, readFile);
  checkAfterRoutes(keys, report);
  checkUnique(entries, report);
  checkFlags(keys, report);
  checkWorking(entries, report);
  warnAboutSignIn(keys, report);
  const routes = entries.map(({ route }) => route);
  return buildOptions(keys, { ...secrets, certificates }, claimsHeaders, routes);
}

function readClaimsHeaders(value: unknown, report: Report): Record<string, string> {
  try {
    return parseClaimsHeaders(value);
  } catch (error) {
    const { message } = error as Error;
    const pomerium = report.decodeFailure(`'jwt_claims_headers' ${message}`);
    report.add({
      code: 'BAD_VALUE',
      path: ['jwt_claims_headers'],
      message: `\`jwt_claims_headers\`: ${message}`,
      fix: 'write a mapping from header to claim',
      pomerium,
    });
    return {};
  }
}

function warnAboutClaims({ loweredClaims }: Source, report: Report): void {
  for (const { name, position } of loweredClaims) {
    const why = 'Pomerium turns every key of the file into lower case before it looks at it.';
    const fix = 'name a claim without capitals in it';
    report.add({
      code: 'CLAIM_CASE',
      severity: 'warning',
      path: ['routes'],
      message: `\`${name}\` is looked up as \`${name.toLowerCase()}\``,
      why,
      fix,
      position,
    });
  }
}
