import type { Decision, Options, PolicyInput, Position, Problem, Route } from './model.ts';

export { matchesDomain } from './domains.ts';
export { peekJsonRpc } from './json/peek.ts';
export { toolArguments } from './json/tool-arguments.ts';
export { parseConfig } from './parse.ts';
export { answerTo, type Answer } from './policy/answer.ts';
export {
  explainPolicy,
  type ExplainedCondition,
  type ExplainedCriterion,
  type ExplainedRule,
  type Explanation,
} from './policy/explain.ts';
export { BUFFER_BYTES, exceedsBuffer, inspect, isJson, type Inspection } from './policy/inspection.ts';
export { namedFiles } from './named-files.ts';
export { compileHostOfPath } from './path-match.ts';
export { compileRoutes } from './route-table.ts';

export interface ParseContext {
  file: string;
  /** Environment variables that beat the file (Pomerium reads KEY for `key`). */
  env?: Readonly<Record<string, string | undefined>>;
  /** Reads a file that the configuration names (`*_file`); throws when it is missing. Absent: such files are not looked at. */
  readFile?: (path: string) => string;
}

export interface ParsedConfig {
  /** Undefined when a problem of severity `error` was found. */
  options?: Options;
  problems: Problem[];
  /** The file alone, without the environment; undefined when it cannot be read at all. */
  source?: {
    /** Keys in lower case. */
    data: Readonly<Record<string, unknown>>;
    /** Where a path's key stands; the nearest that exists when the path leads further than the text. */
    positionOf(path: readonly (string | number)[]): Position | undefined;
  };
}

export interface CompiledRoute {
  route: Route;
  /** 16 hexadecimal digits, stable over restarts. */
  id: string;
  /** `hostname` or `hostname:port`, as `from` has it; may start with `*.`. */
  host: string;
  hostname: string;
  kind: 'server' | 'client' | 'plain';
  /** The path sent upstream for a request path (§1.6 path joining), for the given upstream. */
  upstreamPath(path: string, upstreamUrl: string): string;
  decide(input: PolicyInput): Decision;
  /** True when a rule looks at `mcp_tool`, so that the body has to be looked into to decide. */
  needsTool: boolean;
}

export interface RouteTable {
  routes: readonly CompiledRoute[];
  match(host: string, path: string): CompiledRoute | undefined;
  /** Whether any route (or the authenticate service) has this Host value. */
  knowsHost(host: string): boolean;
  /** The MCP server route that owns the well-known documents of a host; never a wildcard one. */
  serverRouteOf(host: string): CompiledRoute | undefined;
}
