import type { Rule } from '../rule.ts';

export const environmentBeatsFile: Rule = {
  id: 'ENVIRONMENT_BEATS_FILE',
  severity: 'warning',
  title: 'A setting stands in one place',
  why: 'Pomerium takes the variable, so edits of the file change nothing.',
  fix: 'delete the key in the file or the variable in the compose file',
  source: 'Pomerium v0.33.1 config/options.go',
  *check({ config: { data }, environment }) {
    for (const [key, value] of Object.entries(data)) {
      const variable = environment[key.toUpperCase()];
      if (variable === undefined || !isPlain(value) || String(value) === variable) continue;
      yield { path: [key], message: `\`${key}\` is set by the variable ${key.toUpperCase()} too, with another value` };
    }
  },
};

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
