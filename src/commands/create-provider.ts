import type { Ctx } from '../context.ts';
import { parseEnvFile, readExisting } from '../project/index.ts';
import {
  authorityOf,
  CLIENT_ID_PLACEHOLDER,
  normaliseDomain,
  type ChosenProvider,
  type IdentityProvider,
} from '../scaffold/index.ts';

/** Said before the questions: whoever answers them has to go to the provider first. */
export function announce(
  ctx: Ctx,
  { title, console }: IdentityProvider,
  answers: Readonly<Record<string, unknown>>,
): void {
  const authority = authorityOf({ domain: normaliseDomain(String(answers['domain'])), port: Number(answers['port']) });
  ctx.note(`Register an application at ${title} (${console}) with this redirect URI:`);
  ctx.note(`  https://authenticate.${authority}/oauth2/callback`);
}

/** The preset with what was told about it. */
export function chosenOf(preset: IdentityProvider, values: Readonly<Record<string, unknown>>): ChosenProvider {
  const { idpUrl: url, idpClientId: clientId, idpClientSecret: secret } = values;
  return {
    preset,
    clientId: typeof clientId === 'string' && clientId !== '' ? clientId : CLIENT_ID_PLACEHOLDER,
    ...(typeof url === 'string' && url !== '' ? { url } : {}),
    hasSecret: Boolean(secret),
  };
}

/** What is to be known about a provider beforehand. */
export function providerNotes({ title, notes = [], groups }: IdentityProvider, isGroup: boolean): string[] {
  return [
    ...notes.map((note) => `${title}: ${note}`),
    ...(isGroup && typeof groups === 'string' ? [`${title}: ${groups}`] : []),
  ];
}

/** A secret that is in .env needs neither a question nor a reminder. */
export async function savedSecret(folder: string): Promise<Record<string, unknown>> {
  const text = (await readExisting(folder, ['.env'])).get('.env') ?? '';
  const secret = parseEnvFile(text)['IDP_CLIENT_SECRET'];
  return secret ? { idpClientSecret: secret } : {};
}
