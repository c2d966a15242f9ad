import { CliError } from '../errors.ts';

/** What went wrong between here and a tool, told apart by who has to do something about it. */
export interface Failure {
  kind: 'sign-in' | 'denied' | 'down' | 'slow' | 'protocol' | 'tool-input' | 'stopped' | 'unknown';
  title: string;
  text: string;
  /** The gateway's request, to be looked up in its log. */
  requestId?: string;
}

/** Words for whatever listing or calling tools throws. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof CliError)) {
    const text = error instanceof Error ? error.message : String(error);
    return { kind: 'unknown', title: 'Something went wrong here', text };
  }
  switch (error.code) {
    case 'POLICY_DENIED':
      return denied(error);
    case 'TOKEN_REFUSED':
      return {
        kind: 'sign-in',
        title: 'A sign-in at the server’s provider is needed',
        text: 'The gateway has no token of yours that the server takes. Connect, then try again.',
      };
    case 'SCOPE_MISSING':
      return {
        kind: 'sign-in',
        title: 'The server asks for more permissions',
        text: 'Disconnect and connect again to grant what its provider asks for now.',
      };
    case 'SERVER_DOWN':
      return {
        kind: 'down',
        title: 'The server does not answer',
        text: 'The gateway cannot reach the MCP server behind this address. Whoever runs it has to start it.',
      };
    case 'UNREACHABLE':
    case 'CERTIFICATE_UNTRUSTED':
      return { kind: 'down', title: 'The gateway cannot be reached', text: sentence(error) };
    case 'TOO_SLOW':
      return {
        kind: 'slow',
        title: 'No answer in time',
        text: 'The server has not answered within the time that a page may take. Long work is for an MCP client.',
      };
    case 'TOOL_NEEDS_INPUT':
      return { kind: 'tool-input', title: 'The tool asks a question back', text: sentence(error) };
    case 'INTERRUPTED':
      return { kind: 'stopped', title: 'Stopped', text: 'The call was stopped before it had an answer.' };
    default:
      return { kind: 'protocol', title: 'The server answered with an error', text: sentence(error) };
  }
}

function denied({ details }: CliError): Failure {
  const id = details?.['requestId'];
  return {
    kind: 'denied',
    title: 'The gateway’s policy refuses this',
    text: 'The tool was not called. The policy of this route does not allow it to you.',
    ...(typeof id === 'string' ? { requestId: id } : {}),
  };
}

function sentence({ message, why }: CliError): string {
  return why === undefined ? message : `${message}: ${why}`;
}
