import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseEnvFile } from '../../project/index.ts';
import { failure, ok, type Check } from '../check.ts';

const SECRET = /(SECRET|PASSWORD|TOKEN|_KEY)$/;
/** Words that examples carry; whoever reads the same example has the same secret. */
const SAMPLE = /^(changeme|change-me|secret|password|example|xxx+|your[-_ ].*|<.*>|s3cr3t|test|admin|postgres)$/i;

export const secretCopied: Check = {
  id: 'SEC-06',
  area: 'secrets',
  title: 'no secret is an example’s',
  on: ['project'],
  needs: ['SEC-01'],
  async run({ project }) {
    const { secrets, paths } = await project();
    const example = await readFile(join(dirname(paths.env), '.env.example'), 'utf8').catch(() => '');
    const examples = parseEnvFile(example);
    const own = Object.entries(secrets).filter(([name, value]) => SECRET.test(name) && value !== '');
    const copied = own.find(([name, value]) => examples[name] === value || SAMPLE.test(value));
    if (copied) return failure(`${copied[0]} has the value of an example`, `mcpgw secrets rotate ${copied[0]}`);
    const flat = own.find(([, value]) => isFlat(value));
    if (flat) return failure(`${flat[0]} repeats one character`, `mcpgw secrets rotate ${flat[0]}`);
    return ok('all are their own');
  },
};

/** Sixteen zero bytes are a valid key, and everybody’s first guess. */
function isFlat(value: string): boolean {
  const bytes = value.replace(/=+$/, '');
  return bytes.length >= 8 && new Set(bytes).size <= 2;
}
