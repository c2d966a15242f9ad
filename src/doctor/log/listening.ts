import type { LogGroup } from './pattern.ts';

export const listening: LogGroup = {
  id: 'LOG-03',
  title: 'Envoy listens',
  patterns: [
    {
      match: /cannot bind .*Permission denied|listen tcp \S*:(443|80): bind: permission denied/i,
      kind: 'failure',
      text: 'Envoy may not listen on its port, and the process lives on with the port closed',
      fix: 'edit pomerium-config.yaml: address: :8443, and publish 443:8443\nmcpgw up',
    },
    {
      match: /failed to listen on http redirect addr/,
      kind: 'warning',
      text: 'port 80 is taken: no redirect to https, and no HTTP-01 challenge',
      fix: 'free port 80, or delete http_redirect_addr\nmcpgw restart',
    },
    {
      match: /cannot bind .*Address already in use/i,
      kind: 'failure',
      text: 'another program holds the port that Envoy wants',
      fix: 'mcpgw doctor --only port',
    },
    {
      match: /unable to bind domain socket with base_id/,
      kind: 'failure',
      text: 'two Pomeriums share one temporary folder, and the second cannot start',
      fix: 'give the second one a TMPDIR of its own',
    },
    {
      match: /Listener rejected|malformed IP address/,
      kind: 'failure',
      text: 'Envoy cannot read the address',
      fix: 'edit pomerium-config.yaml: address: :8443\nmcpgw up',
    },
    {
      match: /envoy: subprocess exited/,
      kind: 'failure',
      text: 'Envoy ended',
      fix: 'mcpgw logs pomerium --since 10m',
      over: /server started/,
    },
  ],
};
