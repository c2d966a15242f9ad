import { mask, maskCookies, maskLink, maskUrl } from './masks.ts';
import type { Recording } from './recordings.ts';
import type { WireResponse } from './wire.ts';

/** Headers that differ by intent everywhere, and why. */
const UNCOMPARED: Record<string, string> = {
  date: 'the time of the answer',
  'content-length': 'pages are our own, and short answers get a length where Envoy sends chunks',
  'transfer-encoding': 'see content-length',
  connection: 'Envoy spells it Connection on proxied answers',
  etag: 'Go derives it from the document; nobody revalidates a document of 236 bytes',
  'accept-ranges': 'Go serves the key set as a file; a range of it helps nobody',
  'strict-transport-security': 'compared once, in the test of default headers',
};

/** Recordings whose answer is another one here, by intent. */
export const DIFFERENT: Readonly<Record<string, { status: number; body: string; why: string }>> = {
  'token-basic-wrongsecret': {
    status: 400,
    body: '{"error":"invalid_request"}',
    why: 'Pomerium does not look at the secret of a client that authenticates with Basic; an honest client has it right',
  },
  'token-basic-nosecret-bodyid': {
    status: 400,
    body: '{"error":"invalid_request"}',
    why: 'the same without any secret',
  },
};

/** What of an answer is not as recorded; empty when all that matters agrees. */
export function differences(recording: Recording, got: WireResponse): string[] {
  const wanted = recording.response;
  const found: string[] = [];
  if (wanted.status !== got.status) found.push(`status ${got.status}, recorded ${wanted.status}`);
  for (const name of new Set([...wanted.headers.keys(), ...got.headers.keys()])) {
    if (name in UNCOMPARED) continue;
    const [a, b] = [header(wanted, name), header(got, name)];
    if (a !== b) found.push(`${name}: ${b ?? '(absent)'}, recorded ${a ?? '(absent)'}`);
  }
  const [a, b] = [body(wanted), body(got)];
  if (a !== b) found.push(`body ${b}, recorded ${a}`);
  return found;
}

function header(response: WireResponse, name: string): string | undefined {
  const value = response.headers.get(name);
  if (value === undefined) return undefined;
  if (name === 'x-request-id') return '<id>';
  if (name === 'x-envoy-upstream-service-time') return /^\d+$/.test(value) ? '<ms>' : value;
  if (name === 'location') return maskUrl(value);
  return name === 'set-cookie' ? maskCookies(value) : mask(value);
}

function body(response: WireResponse): string {
  const text = response.body.toString('utf8');
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/html')) return page(text);
  if (/^\s*[[{]/.test(text)) return mask(normalise(JSON.parse(text)));
  return mask(text.trim());
}

/** Members of a page's data that only our page has or lacks, and why. */
const PAGE_MEMBERS: Record<string, string> = {
  webAuthnUrl: 'devices cannot be enrolled here',
  description: 'our page says in words what Pomerium leaves to its script',
};

/** The data of a page: embedded in ours, cut out in the recording. */
function page(text: string): string {
  const embedded = /<script type="application\/json" id="data">(.*)<\/script>/.exec(text)?.[1];
  const json = embedded ?? /^<!-- HTML page[^\n]*\n(\{.*)/s.exec(text)?.[1];
  if (json === undefined) return mask(maskLink(text.trim()));
  const data = JSON.parse(json) as Record<string, unknown>;
  if (typeof data['debugUrl'] === 'string') data['debugUrl'] = maskUrl(data['debugUrl']);
  if (data['page'] === 'UserInfo') for (const name of Object.keys(PAGE_MEMBERS)) delete data[name];
  return mask(normalise(data));
}

/** One text for one meaning: members sorted, the headers an upstream saw as a sorted list in lower case. */
function normalise(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (key === 'text' && typeof inner === 'string' && inner.startsWith('{"request"'))
      return JSON.parse(inner) as unknown;
    if (key === 'headers' && Array.isArray(inner)) return headerList(inner as string[]);
    if (key === 'servers' && Array.isArray(inner)) return (inner as { name: string }[]).sort(byName);
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function headerList(lines: string[]): string[] {
  return lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())).sort();
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
