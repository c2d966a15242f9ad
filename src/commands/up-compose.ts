import { stat } from 'node:fs/promises';
import { writeFileAtomic } from '../atomic-file.ts';
import type { Ctx } from '../context.ts';
import {
  alignIssuers,
  alignNames,
  exposedPorts,
  parseYaml,
  readComposeModel,
  type NameChanges,
  type Project,
} from '../project/index.ts';

/** What the compose file lacks of the routes' names. Only Docker's network knows aliases, so the other engines need but whoami's issuers. */
export function missingNames({ settings, composeText, parsed }: Project): NameChanges {
  if (!parsed.options) return { text: composeText, added: [], missing: [] };
  if (settings.engine !== 'docker') return alignIssuers(composeText, parsed.options.routes);
  return alignNames(composeText, parsed.options);
}

/** Adds them, and says so: a route whose host no container can reach fails only when a server asks for the gateway's keys. */
export async function addMissingNames(ctx: Ctx, project: Project): Promise<void> {
  const { text, added, missing } = missingNames(project);
  if (added.length > 0) {
    const file = project.paths.compose;
    await writeFileAtomic(file, text, (await stat(file)).mode & 0o777);
  }
  for (const what of added) ctx.note(`+ docker-compose.yaml: ${what}`);
  for (const what of missing) ctx.note(`! docker-compose.yaml lacks ${what}; add it under networks: default: aliases:`);
}

/** A project for one machine is nobody else's business, and Docker's default is the whole network. */
export function warnOfExposedPorts(ctx: Ctx, { settings, composeText, folder, secrets }: Project): void {
  if (settings.engine !== 'docker' || settings.address !== 'local') return;
  const model = readComposeModel(parseYaml(composeText, 'docker-compose.yaml'), folder, { ...ctx.env, ...secrets });
  for (const port of exposedPorts(model)) {
    ctx.note(`! docker-compose.yaml: the port of ${port} is open to the network; write 127.0.0.1: in front of it`);
  }
}
