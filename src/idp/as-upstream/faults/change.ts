import { parseJson, recordOf } from '../../../json.ts';
import type { Answer } from '../http.ts';

/** The answer with another JSON body; an error stays as it is. */
export function changeJson(answer: Answer, change: (body: Record<string, unknown>) => Record<string, unknown>): Answer {
  if (answer.status >= 300) return answer;
  return { ...answer, body: JSON.stringify(change(recordOf(parseJson(answer.body)))) };
}

/** The answer without some members of its JSON body. */
export function without(answer: Answer, ...names: readonly string[]): Answer {
  return changeJson(answer, (body) =>
    Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name))),
  );
}

/** The redirect with other parameters, when it is one that carries a code. */
export function changeCallback(answer: Answer, change: (parameters: URLSearchParams) => void): Answer {
  const url = URL.parse(answer.headers['location'] ?? '');
  if (!url?.searchParams.has('code')) return answer;
  change(url.searchParams);
  return { ...answer, headers: { ...answer.headers, location: url.href } };
}
