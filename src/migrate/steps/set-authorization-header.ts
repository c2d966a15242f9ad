import { append, removeAt } from '../../project/index.ts';
import { firstOf, type Step } from '../step.ts';

const VALUES: Readonly<Record<string, string>> = {
  pass_through: '',
  access_token: 'Bearer ${pomerium.access_token}',
  id_token: 'Bearer ${pomerium.id_token}',
};

export const setAuthorizationHeader: Step = {
  id: 'set-authorization-header',
  why: '`set_authorization_header` was removed, and Pomerium exits when it meets it; `set_request_headers` does the same',
  apply({ text, routes }) {
    return firstOf(routes, ({ name, path, data }) => {
      const kind = data['set_authorization_header'];
      if (kind === undefined) return undefined;
      const without = removeAt(text, [...path, 'set_authorization_header']);
      const word = typeof kind === 'string' ? kind : JSON.stringify(kind);
      const value = VALUES[word.toLowerCase()];
      const what = `${name}: \`set_authorization_header: ${word}\` is a request header now`;
      if (without === undefined || value === undefined) return { text: undefined, what };
      if (value === '') return { text: without, what };
      const header = `Authorization: ${JSON.stringify(value)}`;
      const place = [...path, 'set_request_headers'];
      return {
        text:
          data['set_request_headers'] === undefined
            ? append(without, path, ['set_request_headers:', `  ${header}`])
            : append(without, place, [header]),
        what,
      };
    });
  },
};
