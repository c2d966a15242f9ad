import type { ReferenceServer } from './types.ts';

/** The servers of `mcpgw serve`; each has its name as its path. */
export const REFERENCES: readonly ReferenceServer[] = [
  { name: 'whoami', title: 'Who the gateway says you are', passIdentityHeaders: true },
  { name: 'sqlite', title: 'Questions to a sample database' },
  { name: 'postgres', title: 'Questions to a PostgreSQL database' },
  { name: 'notion', title: 'Search and read pages of Notion', provider: 'notion' },
  { name: 'github', title: 'Search and read repositories and issues of GitHub', provider: 'github' },
  { name: 'google-drive', title: 'Search and read files of Google Drive', provider: 'google' },
];
