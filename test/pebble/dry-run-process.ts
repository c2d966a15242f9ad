import { readFileSync } from 'node:fs';
import { dryRun, type DryRunOptions } from '../../src/doctor/issuance/dry-run/dry-run.ts';
import { createFetch } from '../../src/net/fetch.ts';

// A process of its own, for a test to kill: [options as JSON, file with the authority's certificate].
const [, , options = '{}', file = ''] = process.argv;
const { hosts, directory, ports } = JSON.parse(options) as Pick<
  Required<DryRunOptions>,
  'hosts' | 'directory' | 'ports'
>;
const fetch = createFetch({ ca: [readFileSync(file, 'utf8')] });
const { signal } = new AbortController();
await dryRun({ hosts, directory, ports, fetch, signal, address: '127.0.0.1', now: Date.now });
