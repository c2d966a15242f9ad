import type { ProjectSettings } from '../project/index.ts';
import type { Secrets } from '../scaffold/index.ts';

/** What a rotation ends, in sentences that a person can weigh. */
export interface Account {
  ends: string;
}

export type RotatableName = keyof Secrets;

const ACCOUNTS: Record<RotatableName, Account> = {
  SHARED_SECRET: {
    ends: 'every External Token and refresh token, and sign-ins that are under way: all MCP clients sign in again; their registrations stay',
  },
  COOKIE_SECRET: { ends: 'every session in a browser: people sign in again' },
  SIGNING_KEY: {
    ends: 'assertions signed so far: an MCP server that keeps the gateway’s keys refuses calls until it fetches them again',
  },
  IDP_CLIENT_SECRET: { ends: 'sign-ins that are under way; sessions and tokens stay' },
  POSTGRES_PASSWORD: { ends: 'nothing: the database is given the new one, and the gateway connects again' },
};

export function isRotatable(name: string): name is RotatableName {
  return Object.hasOwn(ACCOUNTS, name);
}

export const ROTATABLE = Object.keys(ACCOUNTS) as RotatableName[];

export function accountOf(name: RotatableName): Account {
  return ACCOUNTS[name];
}

/** Why a value is not ours to make; undefined when it is. */
export function givenByOthers(name: string, { idp }: Pick<ProjectSettings, 'idp'>): string | undefined {
  if (!isRotatable(name))
    return 'its value comes from whoever gave it: change it there, then write the new one into .env';
  return name === 'IDP_CLIENT_SECRET' && !idp
    ? 'your identity provider gave it: make a new one there, then write it into .env'
    : undefined;
}
