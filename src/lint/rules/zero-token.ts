import type { Rule } from '../rule.ts';
import { pomeriumService } from '../subject.ts';

export const zeroToken: Rule = {
  id: 'ZERO_TOKEN',
  severity: 'error',
  title: 'Pomerium reads its file',
  why: 'With POMERIUM_ZERO_TOKEN Pomerium takes its configuration from its cloud service and does not look at the file at all.',
  fix: 'remove POMERIUM_ZERO_TOKEN from the environment',
  source: 'Pomerium v0.33.1 pkg/cmd/pomerium',
  *check(subject) {
    if (!subject.environment['POMERIUM_ZERO_TOKEN']) return;
    const service = pomeriumService(subject);
    yield service
      ? {
          in: 'compose',
          path: ['services', service.name, 'environment'],
          message: 'POMERIUM_ZERO_TOKEN is set: the file is not read',
        }
      : { path: [], message: 'POMERIUM_ZERO_TOKEN is set: the file is not read' };
  },
};
