import type { Options, Position, Problem } from '../pomerium/model.ts';
import type { ComposeModel } from '../project/index.ts';

export type Severity = 'error' | 'warning' | 'note';

export type Path = readonly (string | number)[];

/** What is looked at: files as text and data, nothing of the world around them but `exists`. */
export interface Subject {
  config: ConfigFile;
  compose?: ComposeFile;
  /** What Pomerium's container gets beside the file; environment beats file. Values are never shown. */
  environment: Readonly<Record<string, string>>;
  /** Whether a file or folder of this machine is there. */
  exists: (path: string) => boolean;
  /** `v0.33.1` or `next`. */
  release: string;
}

export interface ConfigFile {
  /** As shown. */
  file: string;
  text: string;
  problems: readonly Problem[];
  /** Undefined when Pomerium would not start with it. */
  options?: Options;
  /** The file's keys as written, in lower case. */
  data: Readonly<Record<string, unknown>>;
  positionOf: (path: Path) => Position | undefined;
}

export interface ComposeFile {
  /** The engine that `x-mcpgw` names; absent: Compose alone. */
  engine?: string;
  file: string;
  text: string;
  model: ComposeModel;
  positionOf: (path: Path) => Position | undefined;
}

/** One place where a rule does not hold. */
export interface Hit {
  /** The configuration when it is left out. */
  in?: 'config' | 'compose';
  path: Path;
  /** One sentence with the value; never a secret's. */
  message: string;
  /** What to write instead, in this place; the rule's own `fix` when it is left out. */
  fix?: string;
  /** The safe mend, in the configuration. */
  mends?: readonly Mend[];
}

export interface Mend {
  path: Path;
  /** Undefined deletes the key. */
  value: string | number | boolean | undefined;
}

/** One rule, in a file of its own. */
export interface Rule {
  /** Stable. */
  id: string;
  severity: Severity;
  /** What holds when the rule does, as a sentence without a full stop. */
  title: string;
  /** What happens otherwise, as a person meets it. */
  why: string;
  /** What to do about it. */
  fix: string;
  /** Of Pomerium, a specification or a vendor: where it comes from. */
  source: string;
  /** The releases for which it holds, inclusive from, exclusive to; all when it is left out. */
  from?: string;
  to?: string;
  check(subject: Subject): Iterable<Hit>;
}

/** What a rule says about itself; problems that the reader of the configuration finds have it too. */
export type RuleText = Omit<Rule, 'check' | 'from' | 'to'>;

export interface LintFinding {
  rule: string;
  severity: Severity;
  file: string;
  /** Absent: it is about the file as a whole, or about a variable. */
  position?: Position;
  message: string;
  why?: string;
  fix?: string;
  /** The words with which Pomerium refuses to start; absent when it would start. */
  pomerium?: string;
  /** `lint --fix` can do it. */
  mendable: boolean;
  mends?: readonly Mend[];
  in: 'config' | 'compose';
}
