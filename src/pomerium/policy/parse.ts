import { isRecord } from '../../json.ts';
import type { Action, Conditional, Criterion, PolicyRule, Position } from '../model.ts';
import type { Path } from '../path.ts';
import { parserType } from './parser-type.ts';

/** A policy that is none; the message is Pomerium's (v0.33.1 pkg/policy/parser/grammar.go), `path` leads to the culprit below the policy. */
export class GrammarError extends Error {
  readonly path: Path;
  constructor(message: string, path: Path) {
    super(`invalid rules in policy: ${message}`);
    this.path = path;
  }
}

const CONDITIONALS: readonly Conditional[] = ['and', 'or', 'not', 'nor'];

/** All paths lead from the policy down. */
export interface PolicyVisitor {
  positionOf(path: Path): Position | undefined;
  rule(path: Path): void;
  criterion(criterion: Criterion, path: Path): void;
}

/** Reads the value of `policy`. Throws GrammarError. */
export function parsePolicy(value: unknown, visitor: PolicyVisitor): PolicyRule[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, i) => {
      if (!isRecord(item)) throw new GrammarError(`unsupported type for rules array: ${parserType(item)}`, [i]);
      return parseRules(item, [i], visitor);
    });
  }
  if (!isRecord(value)) throw new GrammarError(`unsupported type for rule: ${parserType(value)}`, []);
  return parseRules(value, [], visitor);
}

function parseRules(object: Record<string, unknown>, path: Path, visitor: PolicyVisitor): PolicyRule[] {
  const rules = Object.entries(object).map(([key, body]) => parseRule(key, body, [...path, key], visitor));
  return rules.toSorted((a, b) => (a.action < b.action ? -1 : a.action > b.action ? 1 : 0));
}

function parseRule(key: string, body: unknown, path: Path, visitor: PolicyVisitor): PolicyRule {
  if (key !== 'allow' && key !== 'deny')
    throw new GrammarError(`invalid action in rule: unsupported action: ${JSON.stringify(key)}`, path);
  if (!isRecord(body))
    throw new GrammarError(`invalid value for action in rule, expected Object, got ${parserType(body)}`, path);
  const action: Action = key;
  const conditions = CONDITIONALS.filter((conditional) => Object.hasOwn(body, conditional)).map((conditional) => ({
    conditional,
    criteria: parseCriteria(conditional, body[conditional], [...path, conditional], visitor),
  }));
  const unknown = Object.keys(body).find((name) => name !== 'action' && !CONDITIONALS.includes(name as Conditional));
  if (unknown !== undefined) {
    throw new GrammarError(
      `unsupported conditional ${JSON.stringify(unknown)}, only and, or, not, nor and action are allowed`,
      [...path, unknown],
    );
  }
  visitor.rule(path);
  const position = visitor.positionOf(path);
  return {
    action,
    conditions: conditions.filter(({ criteria }) => criteria.length > 0),
    ...(position && { position }),
  };
}

function parseCriteria(conditional: Conditional, value: unknown, path: Path, visitor: PolicyVisitor): Criterion[] {
  const fail = (message: string, at: Path): never => {
    throw new GrammarError(`invalid criteria in "${conditional}"): ${message}`, at);
  };
  if (!Array.isArray(value)) return fail(`unsupported type for criteria: ${parserType(value)}`, path);
  return value.map((item: unknown, i) => {
    const at = [...path, i];
    if (!isRecord(item)) return fail(`unsupported type for criteria array: ${parserType(item)}`, at);
    const [entry, ...others] = Object.entries(item);
    if (!entry || others.length > 0) return fail('each criteria may only contain a single key and value', at);
    const criterion = toCriterion(entry, visitor.positionOf([...at, entry[0]]));
    visitor.criterion(criterion, [...at, entry[0]]);
    return criterion;
  });
}

function toCriterion([key, data]: [string, unknown], position: Position | undefined): Criterion {
  const slash = key.indexOf('/');
  const name = slash < 0 ? key : key.slice(0, slash);
  return {
    name,
    ...(slash >= 0 && { subPath: key.slice(slash + 1) }),
    data: data ?? null,
    ...(position && { position }),
  };
}
