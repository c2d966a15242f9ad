import { readProblem, type AcmeProblem } from './problem.ts';

/** RFC 8555 §7.1: the server's objects, as far as a dry run reads them. */
export interface Directory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
  externalAccountRequired: boolean;
}

export interface Order {
  url: string;
  status: string;
  authorizations: string[];
  error?: AcmeProblem;
}

export interface Authorization {
  url: string;
  status: string;
  challenges: Challenge[];
}

export interface Challenge {
  type: string;
  url: string;
  status: string;
  token: string;
  error?: AcmeProblem;
}

export function readDirectory(value: unknown): Directory | undefined {
  const { newNonce, newAccount, newOrder, meta } = members(value);
  if (!isUrl(newNonce) || !isUrl(newAccount) || !isUrl(newOrder)) return undefined;
  return { newNonce, newAccount, newOrder, externalAccountRequired: members(meta)['externalAccountRequired'] === true };
}

export function readOrder(url: string, value: unknown): Order {
  const { status, authorizations, error } = members(value);
  return {
    url,
    status: text(status),
    authorizations: list(authorizations).filter(isUrl),
    ...problemOf(error),
  };
}

export function readAuthorization(url: string, value: unknown): Authorization {
  const { status, challenges } = members(value);
  return {
    url,
    status: text(status),
    challenges: list(challenges).map((one) => {
      const challenge = members(one);
      return {
        type: text(challenge['type']),
        url: text(challenge['url']),
        status: text(challenge['status']),
        token: text(challenge['token']),
        ...problemOf(challenge['error']),
      };
    }),
  };
}

function problemOf(value: unknown): { error?: AcmeProblem } {
  const error = readProblem(value);
  return error ? { error } : {};
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value);
}
