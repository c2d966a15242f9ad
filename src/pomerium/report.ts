import type { Position, Problem } from './model.ts';
import { formatPath, type Path } from './path.ts';

export interface Finding {
  code: string;
  severity?: Problem['severity'];
  path: Path;
  message: string;
  why?: string;
  fix?: string;
  pomerium?: string;
  /** Where it stands, when the path does not say. */
  position?: Position;
}

/** Reports something of one route; `key` leads from the route down, with dots, and is empty for the route itself. */
export type AddToRoute = (finding: Omit<Finding, 'path'> & { key: string }) => void;

/** Collects what is wrong, and knows where in the text (or in which environment variable) each thing stands. */
export interface Report {
  add(finding: Finding): void;
  readonly problems: readonly Problem[];
  hasErrors(): boolean;
  /** So many problems that no further one is taken. */
  isFull(): boolean;
  positionOf(path: Path): Position | undefined;
  /** Pomerium's text for a failure while the file is read, decoded, searched for removed keys, or checked. */
  readFailure(text: string): string;
  decodeFailure(text: string): string;
  keyFailure(text: string): string;
  checkFailure(text: string): string;
}

/** More than anybody reads. */
const MAX_PROBLEMS = 100;

interface Origin {
  file: string;
  positionOf: (path: Path) => Position | undefined;
  /** Dotted path -> environment variable that set it. */
  variables: ReadonlyMap<string, string>;
}

export function createReport({ file, positionOf, variables }: Origin): Report {
  const problems: Problem[] = [];
  const start = `config: options from config file ${JSON.stringify(file)}: `;
  return {
    problems,
    positionOf,
    isFull: () => problems.length >= MAX_PROBLEMS,
    hasErrors: () => problems.some(({ severity }) => severity === 'error'),
    decodeFailure: (text) =>
      `${start}failed to unmarshal config: decoding failed due to the following error(s):\n\n${text}`,
    keyFailure: (text) => start + text,
    checkFailure: (text) => `${start}validation error ${text}`,
    readFailure: (text) => `${start}failed to read config: ${text}`,
    add({ path, severity = 'error', message, position: given, ...rest }) {
      // Errors come in all the same, since one of them decides.
      if (
        problems.length >= MAX_PROBLEMS &&
        (severity === 'warning' || problems.some((problem) => problem.severity === 'error'))
      )
        return;
      const variable = variableOf(path, variables);
      const position = given ?? (variable === undefined ? positionOf(path) : undefined);
      const from = variable === undefined ? '' : ` (from the environment variable ${variable})`;
      problems.push({
        severity,
        path: formatPath(path),
        message: message + from,
        ...rest,
        ...(position && { position }),
      });
    },
  };
}

/** The variable behind a path or behind what it stands in. */
function variableOf(path: Path, variables: ReadonlyMap<string, string>): string | undefined {
  return variables.get(String(path[0])) ?? variables.get(path.slice(0, 2).join('.'));
}
