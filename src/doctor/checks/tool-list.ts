import { CliError } from '../../errors.ts';
import { failure, ok, type Check, type Finding, type Patient } from '../check.ts';
import { reachTools } from '../reach-tools.ts';
import { placeOf, type Server } from '../servers.ts';
import { count } from '../words.ts';

/** Neither the challenge nor a health page proves that a server can be used: a real list of tools does. */
export const toolList: Check = {
  id: 'TOL-01',
  area: 'tools',
  title: 'tools can be listed through the gateway',
  on: ['sign-in'],
  needs: ['SGN-02'],
  async run(patient, signal) {
    const findings = await Promise.all(
      (await patient.servers()).map(async (server) => listOne(patient, server, signal)),
    );
    const bad = findings.find(({ kind }) => kind === 'failure');
    if (bad?.kind !== 'failure') return ok(textsOf(findings).join(', '));
    const others = findings.filter((finding) => finding !== bad);
    return { ...bad, evidence: [...(bad.evidence ?? []), ...textsOf(others)] };
  },
};

function textsOf(findings: readonly Finding[]): string[] {
  return findings.flatMap((finding) => (finding.kind === 'skipped' ? [] : [finding.text]));
}

async function listOne(patient: Patient, server: Server, signal: AbortSignal): Promise<Finding> {
  try {
    const reached = await reachTools(patient, server, signal);
    return reached ? ok(`${server.name} ${count(reached.tools.length, 'tool')}`) : refused(server);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CliError)) throw error;
    return failure(
      `${server.name}: ${error.message}`,
      'mcpgw logs    # what the server and the gateway say',
      error.why?.split('\n'),
    );
  }
}

function refused(server: Server): Finding {
  const { name, route } = server;
  const looksAtTools = (route?.policy ?? []).some(
    ({ action, conditions }) =>
      action === 'allow' && conditions.some(({ criteria }) => criteria.some((one) => one.name === 'mcp_tool')),
  );
  const place = `pomerium-config.yaml${placeOf(server)}`;
  if (!looksAtTools) {
    return failure(`${name}: the policy lets no development user in`, `edit the policy in ${place}\nmcpgw up`);
  }
  const text = `${name}: mcp_tool under allow shuts out tools/list, so no client finds the tools`;
  return failure(text, `edit the policy in ${place}: deny, mcp_tool, not_in\nmcpgw up`);
}
