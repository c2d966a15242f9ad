import { CliError } from '../errors.ts';
import { compileRoutes, explainPolicy, type CompiledRoute, type Explanation } from '../pomerium/index.ts';
import type { Position } from '../pomerium/model.ts';
import type { Project } from '../project/index.ts';
import { developmentUser } from './policy-people.ts';
import type { Target } from './target.ts';

const CONFIG = 'pomerium-config.yaml';
/** Characters of a rule that fit on a line of an error. */
const LONGEST_RULE = 78;

/** What was refused, as far as it is known here. */
export interface Refused {
  /** Development user that signed in. */
  user?: string;
  tool?: string;
}

/**
 * Adds what the project's own file can tell: to a refusal by policy which rule it was, to a refused token whose it may be. Other errors
 * stay what they are.
 */
export async function explainDenial(error: unknown, target: Target, refused: Refused): Promise<unknown> {
  if (!(error instanceof CliError) || !target.project) return error;
  if (error.code === 'TOKEN_REFUSED') return explainRefusedToken(error, target, await target.project.load());
  if (error.code !== 'POLICY_DENIED') return error;
  const project = await target.project.load();
  const { email, rule } = judge(project, target.server, refused) ?? {};
  const who = email ?? refused.user;
  const what = refused.tool === undefined ? 'this user' : `the tool ${refused.tool}`;
  return new CliError({
    code: 'POLICY_DENIED',
    message: `${who ? `signed in as ${who}, but the` : 'the'} route’s policy refuses ${what}`,
    ...(rule || error.why ? { why: rule ?? error.why } : {}),
    fix: 'sign in as another user, or change the rule in pomerium-config.yaml',
    exit: error.exit,
    cause: error,
    details: { ...error.details, ...(rule ? { rule } : {}), ...(who ? { user: who } : {}) },
  });
}

/** A gateway goes on using an upstream token that was revoked before its time, whatever tokens its clients get. */
function explainRefusedToken(error: CliError, { server, word }: Target, project: Project): CliError {
  const provider = routeOf(project, server)?.route.mcp?.server?.upstream_oauth2;
  if (!provider) return error;
  return new CliError({
    code: error.code,
    message: `${word} does not accept the token, not even a new one`,
    why: 'the service behind it may refuse the token that the gateway holds for this user: revoked there, or without a scope it asks for',
    fix: 'press Disconnect for it in the demo application (mcpgw add app), then run this again\nmcpgw logs gateway    # what the gateway saw',
    exit: error.exit,
    cause: error,
  });
}

/** True when the policy looks at tools, so that a list of tools that is refused says nothing of the calls. */
export async function policyNeedsTool(target: Target): Promise<boolean> {
  const project = await target.project?.load();
  return (project && routeOf(project, target.server)?.needsTool) === true;
}

function judge(project: Project, server: URL, { user, tool }: Refused): { email: string; rule?: string } | undefined {
  const { options } = project.parsed;
  const person = user === undefined ? undefined : project.settings.users[user];
  const route = routeOf(project, server);
  if (user === undefined || !person || !route || !options) return undefined;
  const { users } = project.settings;
  const { session } = developmentUser(user, { users, options, file: CONFIG });
  const explanation = explainPolicy(route.route, {
    ...(session && { session }),
    http: { method: 'POST', path: server.pathname, hostname: server.hostname, headers: {} },
    mcp: tool === undefined ? { method: 'tools/list' } : { method: 'tools/call', tool },
  });
  const position = positionOf(explanation, route);
  return { email: person.email, ...(position ? { rule: `Rule: ${quote(project, position)}` } : {}) };
}

function routeOf(project: Project, server: URL): CompiledRoute | undefined {
  const { options } = project.parsed;
  return options && compileRoutes(options).match(server.host, server.pathname);
}

/** The deny rule that matched; else the first rule that would have allowed and did not. */
function positionOf({ decision, deciding, rules }: Explanation, { route }: CompiledRoute): Position | undefined {
  if (decision.kind !== 'deny') return undefined;
  return deciding?.position ?? rules.find(({ action }) => action === 'allow')?.position ?? route.position;
}

/** The rule as one line, comments left out: its first line and what is indented below it. */
function quote({ configText }: Project, { line }: Position): string {
  const [first = '', ...rest] = configText.split('\n').slice(line - 1);
  const indent = first.search(/\S/);
  const end = rest.findIndex((text) => text.trim() !== '' && text.search(/\S/) <= indent);
  const lines = [first, ...rest.slice(0, end === -1 ? rest.length : end)].map((text) =>
    text.replace(/(^|\s)#.*$/, '').trim(),
  );
  const text = lines
    .filter((one) => one !== '')
    .join(' ')
    .replace(/^- /, '');
  return `${CONFIG}:${line}\n${text.length > LONGEST_RULE ? `${text.slice(0, LONGEST_RULE - 1)}…` : text}`;
}
