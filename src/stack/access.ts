import type { Criterion, PolicyRule, Route } from '../pomerium/model.ts';

/** Who may use a route, in words for one line: `group staff; not update`. */
export function describeAccess(route: Route): string {
  if (route.allow_public_unauthenticated_access) return 'everyone, without sign-in';
  if (route.allow_any_authenticated_user) return 'anyone signed in';
  const rules = route.policy ?? [];
  const allowed = [...namedUsers(route), ...rules.filter((rule) => rule.action === 'allow').map(describeRule)];
  const denied = rules.filter((rule) => rule.action === 'deny').map(describeDenial);
  if (allowed.length === 0) return 'nobody';
  return [[...new Set(allowed)].join(' or '), ...denied].join('; ');
}

function namedUsers(route: Route): string[] {
  const claims = Object.entries(route.allowed_idp_claims).map(
    ([claim, values]) => `${claim} ${list(values.map(String))}`,
  );
  return [...route.allowed_users, ...route.allowed_domains.map((domain) => `@${domain}`), ...claims];
}

const JOINTS = { and: ' and ', or: ' or ', not: ' or ', nor: ' or ' } as const;

function describeRule({ conditions }: PolicyRule): string {
  return conditions
    .map(({ conditional, criteria }) => {
      const words = criteria.map(describeCriterion).join(JOINTS[conditional]);
      return conditional === 'not' || conditional === 'nor' ? `not (${words})` : words;
    })
    .join(' and ');
}

/** Rules on tools are the usual ones, and read best from the tool's side. */
function describeDenial(rule: PolicyRule): string {
  const [condition, ...more] = rule.conditions;
  const [criterion, ...others] = condition?.criteria ?? [];
  const isPlain =
    more.length === 0 && others.length === 0 && (condition?.conditional === 'and' || condition?.conditional === 'or');
  if (!isPlain || criterion?.name !== 'mcp_tool') return `not for ${describeRule(rule)}`;
  const [[operator, value]] = operatorsOf(criterion.data);
  if (operator === 'is' || operator === 'in') return `${valuesOf(value).join(', ')}: nobody`;
  if (operator === 'not' || operator === 'not_in') return `only ${valuesOf(value).join(', ')}`;
  return `tools ${operator.replaceAll('_', ' ')} ${list(valuesOf(value))}: nobody`;
}

/** What stands before the values of a criterion; the name itself, where it is not listed. */
const SUBJECTS: Record<string, string> = { email: '', domain: '', user: 'user ', groups: 'group ', mcp_tool: 'tool ' };

function describeCriterion({ name, subPath, data }: Criterion): string {
  if (name === 'authenticated_user') return 'anyone signed in';
  if (name === 'accept') return 'everyone';
  if (name === 'reject') return 'nobody';
  const subject = name === 'claim' ? claimSubject(subPath ?? '') : (SUBJECTS[name] ?? `${name.replaceAll('_', ' ')} `);
  return operatorsOf(data)
    .map(([operator, value]) => {
      const values = list(valuesOf(value).map((one) => (name === 'domain' ? `@${one}` : one)));
      if (['is', 'has', 'in'].includes(operator)) return `${subject}${values}`;
      if (['not', 'not_in', 'exclude'].includes(operator)) return `not ${subject}${values}`;
      return `${subject || `${name} `}${operator.replaceAll('_', ' ')} ${values}`;
    })
    .join(' and ');
}

/** `claim/groups` is how groups reach Pomerium from an identity provider. */
function claimSubject(path: string): string {
  return path === 'groups' ? 'group ' : `${path} `;
}

/** A plain value means `is`. */
function operatorsOf(data: unknown): [[string, unknown], ...[string, unknown][]] {
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  const [first, ...rest] = isObject ? Object.entries(data) : [];
  return first ? [first, ...rest] : [['is', data]];
}

function valuesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function list(values: readonly string[]): string {
  const [last = '', ...before] = values.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(', ')} or ${last}`;
}
