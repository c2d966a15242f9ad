import { isAtLeast } from '../../pomerium/versions.ts';
import type { Rule } from '../rule.ts';
import { pomeriumService, tagOf } from '../subject.ts';

export const imageLicence: Rule = {
  id: 'IMAGE_LICENCE',
  severity: 'warning',
  title: 'The licence of Pomerium’s image is known',
  why: 'From v0.34 on, and so for `main`, the official images come under a licence of their own with terms on who may use them; v0.33 images are Apache-2.0, and so is the source.',
  fix: 'read the Pomerium Community Edition License, or stay with pomerium/pomerium:v0.33.1',
  source: 'release notes of Pomerium’s ingress controller v0.34.0',
  *check(subject) {
    const service = pomeriumService(subject);
    const tag = tagOf(service?.image ?? '');
    if (!service?.image || !/(^|\/)pomerium\/pomerium[:@]/.test(`${service.image}:`) || tag === undefined) return;
    const isNumbered = /^v?\d+\.\d+/.test(tag);
    if (isNumbered && !isAtLeast(tag, 'v0.34.0')) return;
    yield {
      in: 'compose',
      path: ['services', service.name, 'image'],
      message: `${service.image} has another licence than v0.33.1`,
    };
  },
};
