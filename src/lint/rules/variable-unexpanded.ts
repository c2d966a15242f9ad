import type { Rule } from '../rule.ts';
import { pomeriumService } from '../subject.ts';

export const variableUnexpanded: Rule = {
  id: 'VARIABLE_UNEXPANDED',
  severity: 'error',
  title: 'Variables in the file are filled in before Pomerium reads it',
  why: 'Pomerium takes `${NAME}` for the value itself: sign-in ends in 500 `invalid_client`, and an upstream provider refuses the secret.',
  fix: 'mount ${POMERIUM_CONFIG:-./pomerium-config.yaml}, which `mcpgw up` fills in, or give global settings by the environment',
  source: 'Pomerium v0.33.1, seen running',
  *check(subject) {
    const { config, compose } = subject;
    const service = pomeriumService(subject);
    const found = /\$\{[A-Z_][A-Z0-9_]*\}/.exec(config.text.replace(/(^|\s)#.*$/gm, ''));
    // `up` hands over the filled-in copy under this name.
    if (!service || !found || compose?.text.includes('POMERIUM_CONFIG')) return;
    yield {
      in: 'compose',
      path: ['services', service.name, 'volumes'],
      message: `${found[0]} in ${config.file} is not filled in`,
    };
  },
};
