import { VERSION } from '../version.ts';
import type { TraceStep } from './exchange.ts';

/** HTTP Archive 1.2, as browsers' tools read it; what is secret is masked here as everywhere. */
export function toHar(steps: readonly TraceStep[]): object {
  return { log: { version: '1.2', creator: { name: 'mcpgw', version: VERSION }, entries: steps.map(toEntry) } };
}

type HeaderPairs = readonly (readonly [name: string, value: string])[];

function namesAndValues(list: HeaderPairs): object[] {
  return list.map(([name, value]) => ({ name, value }));
}

function typeOf(list: HeaderPairs): string {
  return list.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
}

function toEntry(step: TraceStep): object {
  const {
    method,
    url,
    requestHeaders,
    requestBody,
    status,
    responseHeaders,
    responseBody = '',
    startedAt,
    took,
  } = step;
  const comment =
    step.wrong === undefined ? step.title : `${step.title}: ${step.wrong} (expected: ${step.expected}, ${step.rule})`;
  const base = { httpVersion: 'HTTP/1.1', cookies: [], headersSize: -1 };
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: took,
    comment,
    request: {
      ...base,
      method,
      url,
      headers: namesAndValues(requestHeaders),
      queryString: [...(URL.parse(url)?.searchParams ?? [])].map(([name, value]) => ({ name, value })),
      bodySize: requestBody?.length ?? 0,
      ...(requestBody === undefined ? {} : { postData: { mimeType: typeOf(requestHeaders), text: requestBody } }),
    },
    response: {
      ...base,
      status,
      statusText: '',
      headers: namesAndValues(responseHeaders),
      redirectURL: responseHeaders.find(([name]) => name.toLowerCase() === 'location')?.[1] ?? '',
      bodySize: responseBody.length,
      content: { size: responseBody.length, mimeType: typeOf(responseHeaders), text: responseBody },
    },
    cache: {},
    timings: { send: 0, wait: took, receive: 0 },
  };
}
