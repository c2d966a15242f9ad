import { CliError } from '../errors.ts';

/** `restart` was told a name that no service of the project has. */
export function noSuchService(name: string, known: readonly string[]): CliError {
  return new CliError({
    code: 'NO_SUCH_SERVICE',
    message: `there is no service \`${name}\` here`,
    why: `services: ${known.join(', ')}`,
    fix: `mcpgw restart ${known.at(-1) ?? ''}`.trim(),
  });
}
