import { numberOf, type ArgumentSpec, type Arguments } from '../tool.ts';

export const PAGING: Readonly<Record<'page' | 'perPage', ArgumentSpec>> = {
  page: { type: 'integer', description: 'Page of the results, from 1', optional: true, minimum: 1, maximum: 1000 },
  perPage: { type: 'integer', description: 'Results of a page (30)', optional: true, minimum: 1, maximum: 100 },
};

const PER_PAGE = 30;

export function pagingOf(args: Arguments): { page: number; per_page: number } {
  return { page: numberOf(args, 'page') ?? 1, per_page: numberOf(args, 'perPage') ?? PER_PAGE };
}

/** The number of the next page, from the Link header (RFC 8288); undefined on the last one. */
export function nextPage(headers: Headers): number | undefined {
  const next = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(headers.get('link') ?? '')?.[1];
  if (next === undefined || !URL.canParse(next)) return undefined;
  const page = Number(new URL(next).searchParams.get('page'));
  return Number.isSafeInteger(page) && page > 0 ? page : undefined;
}
