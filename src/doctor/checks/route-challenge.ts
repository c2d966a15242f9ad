import { failure, ok, skipped, type Check, type Finding } from '../check.ts';
import { askAnonymously, type Challenge } from '../probe.ts';
import { guardedServers, type Server } from '../servers.ts';
import { count } from '../words.ts';

/** Readiness of a route is its own challenge: /healthz answers before the routes do (Pomerium v0.33.1). */
export const routeChallenge: Check = {
  id: 'GTW-02',
  area: 'gateway',
  title: 'every MCP route challenges an unknown caller',
  needs: ['GTW-01'],
  async run({ project, fetch, running }, signal) {
    const loaded = await project();
    const servers = guardedServers(loaded);
    if (servers.length === 0) return skipped('no MCP route asks for a sign-in');
    const send = await fetch(loaded);
    const answers = await Promise.all(
      servers.map(async (server) => ({ server, challenge: await askAnonymously(send, server.url, signal) })),
    );
    const evidence = answers.map(
      ({ server, challenge }) => `${server.url.href} ${challenge.status} ${challenge.resourceMetadata ?? ''}`,
    );
    const wrong = answers.find(({ challenge }) => challenge.status !== 401 || !challenge.resourceMetadata);
    if (!wrong) return ok(`${count(answers.length, 'route')}: 401 with resource_metadata`, evidence);
    const found = explain(wrong.server, wrong.challenge, evidence);
    const isStale = ((await running(loaded))?.pending.length ?? 0) > 0;
    return isStale ? { ...found, fix: 'mcpgw up    # the files are not in force' } : found;
  },
};

type Bad = Extract<Finding, { fix: string }>;

/** The ways in which Pomerium answers in place of the challenge (v0.33.1 authorize/check_response.go). */
function explain({ name, route }: Server, { status }: Challenge, evidence: string[]): Bad {
  const place = route.position ? ` at line ${route.position.line}` : '';
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
