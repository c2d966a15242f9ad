import { failure, ok, warning, type Check } from '../check.ts';

const FIX = `edit pomerium-config.yaml:
runtime_flags:
  mcp_dynamic_client_registration: true`;

/** Cursor, Windsurf, Gemini CLI, the Inspector and mcp-remote know no client ID metadata documents. */
export const registration: Check = {
  id: 'REG-01',
  area: 'registration',
  title: 'clients can make themselves known',
  on: ['configuration'],
  needs: ['FIL-03'],
  async run({ configuration }) {
    const { options } = await configuration();
    const dynamic = options?.runtime_flags['mcp_dynamic_client_registration'] === true;
    const domains = options?.mcp_allowed_client_id_domains ?? [];
    const evidence = [`client ID metadata documents from: ${domains.join(', ') || 'nowhere'}`];
    if (!dynamic && domains.length === 0) {
      return failure('no client can connect: registration is off, and no client ID metadata domain is allowed', FIX);
    }
    if (!dynamic) {
      return warning(
        'dynamic registration is off: Cursor, Windsurf, Gemini CLI, mcp-remote cannot connect',
        FIX,
        evidence,
      );
    }
    if (domains.length > 0) return ok('dynamic registration, client ID metadata documents', evidence);
    // Clients prefer a metadata document whenever it is advertised, and Pomerium always advertises it.
    return warning(
      'no client ID metadata domain is allowed: Claude, ChatGPT and VS Code prefer theirs, and are refused',
      'edit pomerium-config.yaml:\nmcp_allowed_client_id_domains: [claude.ai, chatgpt.com, vscode.dev]',
      evidence,
    );
  },
};
