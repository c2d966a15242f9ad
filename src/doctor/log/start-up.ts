import type { LogGroup } from './pattern.ts';

export const startUp: LogGroup = {
  id: 'LOG-01',
  title: 'Pomerium starts with its configuration',
  patterns: [
    {
      match: /mcp must have either server or client set/,
      kind: 'failure',
      text: 'Pomerium exits: `mcp` is written in the syntax of before its first release',
      fix: 'mcpgw migrate',
    },
    {
      match: /some configuration options are no longer supported/,
      kind: 'failure',
      text: 'Pomerium exits: the file holds a key that was removed',
      fix: 'mcpgw migrate    # or delete the keys that lint names',
    },
    {
      match: /mcp_allowed_client_id_domains is required when MCP is enabled/,
      kind: 'failure',
      text: 'Pomerium v0.32.0 exits without mcp_allowed_client_id_domains',
      fix: 'edit .env: POMERIUM_IMAGE=pomerium/pomerium:v0.33.1\nmcpgw up',
    },
    {
      match: /'?(SHARED|COOKIE)_SECRET'? invalid|invalid shared secret/,
      kind: 'failure',
      text: 'Pomerium exits: a secret is not the base64 of 32 bytes',
      fix: 'mcpgw doctor --only secrets',
    },
    {
      match: /couldn't create signer/,
      kind: 'failure',
      text: 'Pomerium exits: the signing key cannot be read',
      fix: 'mcpgw secrets rotate SIGNING_KEY',
    },
    {
      match: /route route-\w+ is not unique/,
      kind: 'failure',
      text: 'Pomerium exits: two routes are the same',
      fix: 'mcpgw lint    # names both',
    },
    {
      match: /read .*: is a directory|Unsupported Config Type ""/,
      kind: 'failure',
      text: 'Pomerium finds a folder where its configuration should be',
      fix: 'mcpgw doctor --only files    # Docker made it, since the file was missing',
    },
    {
      match: /cmd\/pomerium config: options from config file/,
      kind: 'failure',
      text: 'Pomerium refuses its configuration and exits',
      fix: 'mcpgw lint    # with the place',
      over: /server started/,
    },
    {
      match: /unknown flag: --/,
      kind: 'failure',
      text: 'Pomerium is started with a flag that it does not know',
      fix: 'edit docker-compose.yaml: the command of pomerium',
    },
  ],
};
