import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import type { Route } from '../pomerium/model.ts';
import type { AddOptions } from './add.ts';
import { callbackOf, consoleOf } from './add-names.ts';
import { placeOf, type Place, type Source } from './add-source.ts';

/** Where the server of a preset is to be: asked where there are several. */
export async function choosePlace(
  ctx: Ctx,
  source: Source,
  options: AddOptions,
  existing: Route | undefined,
): Promise<Place | undefined> {
  if (source.kind !== 'preset') return undefined;
  const place = placeOf(source.preset, options);
  if (place !== undefined || !source.preset.hosted) return place;
  if (existing) return existing.to[0]?.url === source.preset.hosted.url ? 'hosted' : 'reference';
  if (!ctx.interactive) return 'reference';
  return ctx.prompt.select<Place>({
    message: 'Which MCP server',
    choices: [
      { value: 'reference', name: 'the one of mcpgw', description: 'reads only; runs beside the gateway' },
      { value: 'hosted', name: 'the vendor’s', description: source.preset.hosted.url },
      { value: 'url', name: 'another one', description: 'by its URL' },
    ],
  });
}

/** Whether an application has to be registered by hand. */
export function needsClient(source: Source, place: Place | undefined): boolean {
  if (source.kind !== 'preset') return false;
  const { hosted, reference, provider } = source.preset;
  if (place === 'hosted') return hosted?.registration === 'static';
  if (place === 'reference') return reference?.provider !== undefined;
  return provider !== undefined;
}

/** Throws for a client that nobody would ask for. */
export function assertHasSignIn(source: Source, place: Place | undefined, name: string): void {
  const hasNone =
    source.kind === 'app' ||
    source.kind === 'command' ||
    (source.kind === 'preset' && place === 'reference' && source.preset.reference?.provider === undefined);
  if (hasNone) throw usage(`--client-id: ${name} has no sign-in at a provider`, 'leave --client-id out');
}

/** Said before the questions: whoever answers them has to go to the provider first. */
export function announce(ctx: Ctx, source: Source, from: string): void {
  if (!ctx.interactive) return;
  const console = consoleOf(source.kind === 'preset' ? source.preset : undefined);
  ctx.note(`Register an application${console ? ` at ${console}` : ''} with this callback URL:`);
  ctx.note(`  ${callbackOf(from)}`);
}
