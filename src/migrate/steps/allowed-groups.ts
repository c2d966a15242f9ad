import { append, removeAt } from '../../project/index.ts';
import { firstOf, type Step } from '../step.ts';

export const allowedGroups: Step = {
  id: 'allowed-groups',
  why: '`allowed_groups` went with the synchronisation of directories, and Pomerium exits when it meets it; groups come as a claim now',
  apply({ text, routes }) {
    return firstOf(routes, ({ name, path, data }) => {
      const groups = data['allowed_groups'];
      if (groups === undefined) return undefined;
      const names = [groups].flat().filter((group): group is string => typeof group === 'string');
      const what = `${name}: \`allowed_groups\` is a policy now: claim/groups ${names.join(', ')}`;
      const without = removeAt(text, [...path, 'allowed_groups']);
      const isAlone = data['policy'] === undefined && names.length > 0;
      const rule = [
        'policy:',
        '  - allow:',
        '      or:',
        ...names.map((group) => `        - claim/groups: ${JSON.stringify(group)}`),
      ];
      const afterwards = 'the identity provider has to send the claim `groups`';
      return { text: without === undefined || !isAlone ? undefined : append(without, path, rule), what, afterwards };
    });
  },
};
