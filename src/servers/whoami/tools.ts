import { createAssertionVerifier, type AssertionOptions } from '../../assertion/index.ts';
import { encodeJson, toolError, type Tool } from '../tool.ts';

const NO_IDENTITY = 'no identity was passed in the request context';
const NO_ISSUER = 'this server was told no issuer to believe; start it with --whoami-issuers';

export function whoamiTools(options: AssertionOptions): Tool[] {
  const verifier = createAssertionVerifier(options);
  return [
    {
      name: 'whoami',
      description: 'Returns the identity of the user making the request',
      arguments: {},
      annotations: { readOnlyHint: true, openWorldHint: false },
      async call(_, { headers }) {
        if (options.issuers.length === 0) return toolError(`${NO_IDENTITY}: ${NO_ISSUER}`);
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
