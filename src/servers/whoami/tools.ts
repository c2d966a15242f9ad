import { encodeJson, toolError, type Tool } from '../tool.ts';
import { createAssertionVerifier, type AssertionOptions } from './assertion.ts';

const NO_IDENTITY = 'no identity was passed in the request context';

export function whoamiTools(options: AssertionOptions): Tool[] {
  const verifier = createAssertionVerifier(options);
  return [
    {
      name: 'whoami',
      description: 'Returns the identity of the user making the request',
      arguments: {},
      annotations: { readOnlyHint: true, openWorldHint: false },
      async call(_, { headers }) {
        const verdict = await verifier.verify(headers.get('x-pomerium-jwt-assertion') ?? undefined);
        if ('refused' in verdict) return toolError(`${NO_IDENTITY}: ${verdict.refused}`);
        const { name = '', email = '' } = verdict.claims;
        if (typeof name !== 'string' || typeof email !== 'string') {
          return toolError(`${NO_IDENTITY}: the assertion's name or email is no text`);
        }
        return { texts: [encodeJson({ Name: name, Email: email })] };
      },
    },
  ];
}
