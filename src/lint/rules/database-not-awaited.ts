import type { Rule } from '../rule.ts';
import { pomeriumService } from '../subject.ts';

export const databaseNotAwaited: Rule = {
  id: 'DATABASE_NOT_AWAITED',
  severity: 'warning',
  title: 'Pomerium starts when its database answers',
  why: 'A Pomerium that starts before its database stays up and looks alive: good tokens get the 401 challenge, and registration ends in 500.',
  fix: 'give the database a `healthcheck`, and Pomerium `depends_on: {postgres: {condition: service_healthy}}`',
  source: 'Pomerium v0.33.1, seen running',
  *check(subject) {
    const pomerium = pomeriumService(subject);
    if (!pomerium || subject.config.options?.databroker_storage_type !== 'postgres') return;
    for (const { name, image = '', hasHealthCheck } of subject.compose?.model.services ?? []) {
      if (!/(^|\/)postgres([:@]|$)/.test(image)) continue;
      if (pomerium.dependsOn[name] === 'service_healthy' && hasHealthCheck) continue;
      const message = hasHealthCheck
        ? `${pomerium.name} does not wait for a healthy ${name}`
        : `${name} has no healthcheck`;
      yield { in: 'compose', path: ['services', hasHealthCheck ? pomerium.name : name], message };
    }
  },
};
