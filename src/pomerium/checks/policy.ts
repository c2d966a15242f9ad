import type { Action, PolicyRule, Route } from '../model.ts';
import { BUFFER_BYTES } from '../policy/inspection.ts';
import type { AddToRoute } from '../report.ts';

function uses(rules: readonly PolicyRule[], name: string, action?: Action): boolean {
  return rules.some(
    (rule) =>
      (action === undefined || rule.action === action) &&
      rule.conditions.some(({ criteria }) => criteria.some((criterion) => criterion.name === name)),
  );
}

/** Policies that say something else than they seem to. */
export function warnAboutPolicy(route: Route, add: AddToRoute): void {
  const rules = route.policy ?? [];
  if (isClosed(route)) {
    const why = 'Pomerium denies everybody, and does not even ask them to sign in.';
    add({
      key: '',
      code: 'NO_POLICY',
      severity: 'warning',
      message: 'the route has no rule that allows anybody',
      why,
      fix: 'write `policy: [{allow: {or: [{domain: {is: example.com}}]}}]`',
    });
  }
  if (uses(rules, 'groups')) {
    const why = 'Pomerium Core synchronises no directory.';
    add({
      key: 'policy',
      code: 'GROUPS_NEVER_MATCH',
      severity: 'warning',
      message: '`groups` matches nobody',
      why,
      fix: 'write `claim/groups`, which looks at a claim of the identity provider',
    });
  }
  if (uses(rules, 'mcp_tool', 'allow') && allowsCallsOnly(rules)) {
    const why =
      'It is true for tools/call only, so that `initialize` and `tools/list` are refused and no client gets as far as a call.';
    add({
      key: 'policy',
      code: 'MCP_TOOL_ALLOW',
      severity: 'warning',
      message: '`mcp_tool` stands under `allow`',
      why,
      fix: 'write `deny: {or: [{mcp_tool: {not_in: [...]}}]}`',
    });
  }
  warnAboutInspection(route, add);
}

/** Every way to be allowed asks for a tool. */
function allowsCallsOnly(rules: readonly PolicyRule[]): boolean {
  const ways = rules.filter(({ action }) => action === 'allow').flatMap(({ conditions }) => conditions);
  return ways.every(({ conditional, criteria }) => {
    const tools = criteria.filter(({ name }) => name === 'mcp_tool').length;
    return conditional === 'and' ? tools > 0 : conditional === 'or' && tools === criteria.length;
  });
}

function isClosed(route: Route): boolean {
  const isOpen = route.allow_public_unauthenticated_access || route.allow_any_authenticated_user;
  const isListed =
    route.allowed_users.length > 0 ||
    route.allowed_domains.length > 0 ||
    Object.keys(route.allowed_idp_claims).length > 0;
  return (
    !isOpen && !isListed && !route.policy?.some(({ action, conditions }) => action === 'allow' && conditions.length > 0)
  );
}

function warnAboutInspection(route: Route, add: AddToRoute): void {
  const bytes = route.mcp?.server?.max_request_bytes;
  if (bytes === undefined) return;
  const key = 'mcp.server.max_request_bytes';
  const fix = `write \`max_request_bytes: ${BUFFER_BYTES}\``;
  if (bytes > BUFFER_BYTES) {
    const why = `Envoy buffers ${BUFFER_BYTES} bytes; HTTP/1.1 clients get 413 for bodies over that.`;
    add({
      key,
      code: 'INSPECTION_TOO_LARGE',
      severity: 'warning',
      message: `\`max_request_bytes: ${bytes}\` breaks big calls`,
      why,
      fix,
    });
  } else if (bytes > 0 && bytes < BUFFER_BYTES && uses(route.policy ?? [], 'mcp_tool', 'deny')) {
    const why = 'A longer body is cut, does not parse, and passes a rule that denies by tool.';
    add({
      key,
      code: 'INSPECTION_TOO_SMALL',
      severity: 'warning',
      message: `\`mcp_tool\` sees only bodies of up to ${bytes} bytes`,
      why,
      fix,
    });
  }
}
