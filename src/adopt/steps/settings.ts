import { parseYaml } from '../../project/index.ts';
import { cannotEdit } from '../../project/edit/cannot-edit.ts';
import { entriesOf, lineBreakOf } from '../../project/edit/block.ts';
import { COMPOSE_FILE } from '../../project/paths.ts';
import { isMap, isPair, isScalar } from '../../project/yaml.ts';
import { yamlScalar } from '../../scaffold/allow.ts';
import { changed, type Settings, type Step } from '../draft.ts';

/** What only mcpgw reads, before the services: it is what makes the folder a project. */
export const settings: Step = (draft, scene) => {
  const lines = block(scene.settings);
  const at = beginningOfServices(draft.compose);
  if (at === undefined) throw cannotEdit(COMPOSE_FILE, ['x-mcpgw'], lines.join('\n'));
  const eol = lineBreakOf(draft.compose);
  const text = lines.map((line) => `${line}${eol}`).join('');
  const compose = `${draft.compose.slice(0, at)}${text}${eol}${draft.compose.slice(at)}`;
  return changed(
    draft,
    { compose },
    {
      file: COMPOSE_FILE,
      what: '`x-mcpgw` says what runs the project, and its address',
      why: 'Compose ignores what begins with x-; nothing else reads it but mcpgw',
    },
  );
};

function block({ address, domain, port }: Settings): string[] {
  return [
    'x-mcpgw:',
    '  version: 1',
    '  engine: docker',
    `  # ${address === 'local' ? 'Names below the domain lead to this machine' : 'Names below the domain are public'}.`,
    `  address: ${address}`,
    `  domain: ${yamlScalar(domain)}`,
    '  # As clients name it: it is part of the routes, and of the redirect URIs.',
    `  port: ${port}`,
  ];
}

/** Offset of the line of `services`, with the comments directly above it that are its own. */
function beginningOfServices(compose: string): number | undefined {
  const { contents } = parseYaml(compose, COMPOSE_FILE).document;
  if (!isMap(contents) || contents.flow) return undefined;
  const index = contents.items.findIndex(
    (pair) => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === 'services',
  );
  const start = entriesOf(compose, contents)?.[index]?.start;
  // At the file's beginning they are about the file.
  const key = contents.items[index]?.key;
  return start === 0 && isScalar(key) ? key.range?.[0] : start;
}
