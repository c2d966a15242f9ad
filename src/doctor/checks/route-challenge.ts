import { failure, ok, skipped, warning, type Check, type Finding, type Patient } from '../check.ts';
import { askAnonymously, type Challenge } from '../probe.ts';
import { advise, placeOf, type Server } from '../servers.ts';
import { count } from '../words.ts';

/** Readiness of a route is its own challenge: /healthz answers before the routes do (Pomerium v0.33.1). */
export const routeChallenge: Check = {
  id: 'GTW-02',
  area: 'gateway',
  title: 'every MCP route challenges an unknown caller',
  on: ['server'],
  needs: ['GTW-01'],
  async run(patient, signal) {
    const servers = await patient.servers();
    if (servers.length === 0) return skipped('no MCP route asks for a sign-in');
    const send = await patient.fetch();
    const answers = await Promise.all(
      servers.map(async (server) => ({ server, challenge: await askAnonymously(send, server.url, signal) })),
    );
    const evidence = answers.map(
      ({ server, challenge }) => `${server.url.href} ${challenge.status} ${challenge.resourceMetadata ?? ''}`,
    );
    const wrong = answers.find(({ challenge }) => challenge.status !== 401 || !challenge.resourceMetadata);
    if (!wrong) return ok(`${count(answers.length, 'route')}: 401 with resource_metadata`, evidence);
    if (patient.target.kind === 'url') return explainUrl(wrong.challenge, patient, evidence);
    const found = explain(wrong.server, wrong.challenge, evidence);
    if (patient.target.kind === 'configuration')
      return { ...found, fix: advise(patient, '', 'have it read this file, and look at the policy') };
    const isStale = ((await patient.running())?.pending.length ?? 0) > 0;
    return isStale ? { ...found, fix: 'mcpgw up    # the files are not in force' } : found;
  },
};

type Bad = Extract<Finding, { fix: string }>;

/** The ways in which Pomerium answers in place of the challenge (v0.33.1 authorize/check_response.go). */
function explain(server: Server, { status }: Challenge, evidence: string[]): Bad {
  const { name } = server;
  const place = placeOf(server);
  if (status === 200) {
    const fix = `edit the policy in pomerium-config.yaml${place}\nmcpgw up`;
    const text = `${name} answers without asking anybody to sign in: no rule of its policy lets a user in`;
    return failure(text, fix, evidence);
  }
  if (status === 404) return failure(`the running gateway does not know the route ${name}`, 'mcpgw up', evidence);
  if (status === 401)
    return failure(
      `${name} answers 401 without resource_metadata, so clients find no sign-in`,
      'mcpgw restart',
      evidence,
    );
  return failure(`${name} answers ${status} where 401 is due`, 'mcpgw logs gateway', evidence);
}

/** Without a sign-in there is nothing behind it to check, and that may well be meant. */
function explainUrl({ status }: Challenge, patient: Patient, evidence: string[]): Finding {
  if (status >= 200 && status < 300) return skipped('the server asks nobody to sign in');
  const fix = 'mcpgw trace <url>    # shows the conversation';
  if (status === 401)
    return warning(
      '401 without resource_metadata: clients have to guess where to sign in',
      advise(patient, '', 'RFC 9728 §5.1'),
      evidence,
    );
  if (status === 404)
    return failure('there is no MCP server at this path', '# is the path right? often it ends in /mcp', evidence);
  return failure(`it answers ${status} where 401 is due`, fix, evidence);
}
