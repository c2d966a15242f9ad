import { tagOf } from '../../lint/subject.ts';
import { COMPOSE_FILE } from '../../project/paths.ts';
import { interpolate } from '../../project/interpolate.ts';
import { replaceScalar } from '../../project/index.ts';
import { advised, changed, leftByHand, serviceOf, type Step } from '../draft.ts';

const RELEASE = 'v0.33.1';
const VARIABLE = 'POMERIUM_IMAGE';
const FLOATING = ['latest', 'main', 'master', 'edge', 'nightly'];
export const LICENCE =
  'Pomerium’s images up to v0.33 are under Apache-2.0; from v0.34 on, and so for `main`, they have a licence of their own with terms about who may use them';

/** The tag of the gateway's image, when it is another image every day. */
export function floatingImage(
  compose: string,
  gateway: string,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { image } = serviceOf(compose, gateway);
  const named = typeof image === 'string' ? interpolate(image, variables) : '';
  const tag = tagOf(named);
  return /(^|\/)pomerium\/pomerium([:@]|$)/.test(named) && tag !== undefined && FLOATING.includes(tag)
    ? named
    : undefined;
}

/** A release in the place of a tag that floats; what is pinned already stays. */
export const image: Step = (draft, { found, gateway, wishes }) => {
  const named = floatingImage(draft.compose, gateway, found.variables);
  if (named === undefined) return draft;
  if (!wishes.pin) return advised(draft, `${named} stays, and is another image every day. ${LICENCE}`);
  const pinned = `${named.replace(/:[\w.-]+$/, '')}:${RELEASE}`;
  const what = `the image of ${gateway} is ${pinned} in place of ${named}`;
  const isOurs = found.variables[VARIABLE] === undefined;
  const compose = isOurs
    ? replaceScalar(draft.compose, ['services', gateway, 'image'], `\${${VARIABLE}:-${pinned}}`)
    : undefined;
  if (compose === undefined) return leftByHand(draft, what, `${VARIABLE} in .env or the shell says otherwise`);
  return changed(
    draft,
    { compose, env: { ...draft.env, [VARIABLE]: pinned } },
    { file: COMPOSE_FILE, what, why: `with a floating tag each pull brings another Pomerium. ${LICENCE}` },
  );
};
