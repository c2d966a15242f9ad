import type { Finding } from '../report.ts';

/** Reports why Pomerium refuses a route; `key` leads from the route down, `text` is what Pomerium says after `failed to parse policy: `. */
export type FailRoute = (finding: Omit<Finding, 'path' | 'pomerium'> & { key: string }, text: string) => void;
