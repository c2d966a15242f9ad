import { append, policy, replace } from './change.ts';
import type { Fault } from './fault.ts';
import { recordedAs } from './recordings.ts';

/** Routes and policies that do something else than was meant. */
export const routes: readonly Fault[] = [
  {
    number: 11,
    symptom: 'every address of MCP answers 404 or leads to the sign-in page',
    cause: 'the runtime flag `mcp` is off, as it is by default before v0.33.0',
    fix: 'write `runtime_flags: {mcp: true}`',
    planted: [
      { in: 'files', finds: 'MCP_FLAG_OFF' },
      {
        in: 'files',
        finds: 'MCP_FLAG_OFF',
        broken: { release: 'v0.32.3' },
        along: ['STREAM_TIMEOUT'],
      },
    ],
  },
  {
    number: 12,
    symptom: 'cookies of the sign-in reach a server',
    cause: '`authenticate_service_url` is the host of a route',
    fix: 'give `authenticate_service_url` a host that no route has',
    planted: [{ in: 'files', finds: 'AUTHENTICATE_HOST_TAKEN' }],
  },
  {
    number: 13,
    symptom: 'the second MCP server of a host is never listed',
    cause: 'a host has one MCP server',
    fix: 'give each MCP server a host name of its own',
    planted: [{ in: 'files', finds: 'MCP_HOST_TAKEN', broken: { config: secondServer } }],
  },
  {
    number: 14,
    symptom: 'the well-known addresses of an MCP server answer 401 or lead to the sign-in page',
    cause: 'its `from` has a wildcard',
    fix: 'write a concrete host name',
    planted: [
      {
        in: 'files',
        finds: 'MCP_WILDCARD',
        broken: { config: replace('from: https://whoami.', 'from: https://*.') },
        along: ['MISSING_ALIAS'],
      },
    ],
  },
  {
    number: 15,
    symptom: 'everything is refused; or every call answers −32602 and nobody is asked to sign in',
    cause: 'no policy at all, an empty one, or the domain of an example',
    fix: 'write `policy: [{allow: {or: [{domain: {is: example.com}}]}}]`',
    planted: [
      { in: 'files', finds: 'NO_POLICY', broken: { config: replace(/ +policy: .*\n/, '') } },
      { in: 'files', finds: 'NO_POLICY', broken: { config: policy('{}') } },
      { in: 'files', finds: 'SAMPLE_POLICY', fix: 'write the domain of your users’ e-mail addresses' },
      {
        in: 'project',
        finds: 'POL-02',
        fix: 'edit the policy in pomerium-config.yaml at line 40',
        plant: () => ({
          permissions: async () => [{ server: 'whoami', line: 40, user: 'member', call: 'tools/list', allowed: false }],
        }),
      },
    ],
  },
  {
    number: 16,
    symptom: 'a rule with `groups` never holds',
    cause: 'Pomerium Core synchronises no directory',
    fix: 'write `claim/groups`, which looks at a claim of the identity provider',
    planted: [
      {
        in: 'files',
        finds: 'GROUPS_NEVER_MATCH',
        broken: { config: policy('[{allow: {or: [{groups: {has: staff}}]}}]') },
      },
    ],
  },
  {
    number: 17,
    symptom: '`initialize` or `tools/list` is refused',
    cause: '`mcp_tool` stands under `allow`',
    fix: 'write `deny: {or: [{mcp_tool: {not_in: [...]}}]}`',
    planted: [
      {
        in: 'files',
        finds: 'MCP_TOOL_ALLOW',
        broken: { config: policy('[{allow: {and: [{mcp_tool: {in: [search]}}]}}]') },
      },
    ],
  },
  {
    number: 18,
    symptom: 'a tool that is denied can be called, with arguments that are big enough',
    cause: 'bodies beyond `max_request_bytes` are not looked into',
    fix: 'write `max_request_bytes: 32768`',
    planted: [
      {
        in: 'files',
        finds: 'INSPECTION_TOO_SMALL',
        broken: {
          config: policy('[{allow: {or: [{domain: {is: corp.test}}]}, deny: {or: [{mcp_tool: {is: wipe}}]}}]'),
        },
      },
    ],
  },
  {
    number: 19,
    symptom: 'a folder stands where the configuration was to be: `is a directory`',
    cause: 'Docker made it, since the file was missing at the first `up`',
    fix: 'create it before `docker compose up`',
    planted: [
      { in: 'files', finds: 'MOUNT_SOURCE_MISSING' },
      { in: 'log', finds: 'LOG-01', fix: 'mcpgw doctor --only files', lines: () => recordedAs('is-directory') },
      {
        in: 'test',
        finds: 'FIL-11',
        file: 'test/unit/doctor/static.test.ts',
        title: 'a folder where a file is mounted is told',
      },
    ],
  },
  {
    number: 20,
    symptom: 'Pomerium exits: `While parsing config: yaml`',
    cause: 'a tab, a key that stands twice, or another slip in the YAML',
    fix: 'indent with spaces',
    planted: [
      { in: 'files', finds: 'BAD_YAML', broken: { config: append('\tidp_scopes: [openid]') } },
      { in: 'files', finds: 'DUPLICATE_KEY', fix: 'keep one of the two', broken: { config: append('autocert: true') } },
    ],
  },
];

function secondServer(text: string): string {
  return `${text}  - from: https://whoami.corp.test\n    prefix: /two\n    to: http://mcp-servers:8080/two\n    mcp: {server: {}}\n    policy: [{allow: {or: [{domain: {is: corp.test}}]}}]\n`;
}
