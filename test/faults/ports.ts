import type { Fault } from './fault.ts';
import { recordedAs } from './recordings.ts';

/** Ports, and names inside of a network. */
export const ports: readonly Fault[] = [
  {
    number: 21,
    symptom: '`port is already allocated`, or `address already in use`',
    cause: 'another program or container holds the port',
    fix: 'kill 4711',
    planted: [
      { in: 'public world', finds: 'ISS-01', holder: 'nginx: master process' },
      {
        in: 'log',
        finds: 'LOG-03',
        fix: 'mcpgw doctor --only port',
        lines: () => recordedAs('port-in-use-other-process'),
      },
      {
        in: 'test',
        finds: 'PRT-01',
        file: 'test/unit/doctor/port-and-certificate.test.ts',
        title: 'another program on the gateway’s port is named, with how to stop it and how to move',
      },
    ],
  },
  {
    number: 22,
    symptom: 'the process runs, the port is closed, and Envoy logs `Permission denied`',
    cause: 'Pomerium does not run as root and may not open ports below 1024',
    fix: 'edit pomerium-config.yaml: address: :8443, and publish 443:8443',
    planted: [
      {
        in: 'log',
        finds: 'LOG-03',
        lines: () => recordedAs('no-right-to-low-ports').filter(({ fields }) => fields?.['service'] === 'envoy'),
      },
      {
        in: 'public world',
        finds: 'ISS-04',
        fix: 'sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80',
        logged: 'no right to low ports',
        along: ['ISS-06'],
      },
    ],
  },
  {
    number: 28,
    symptom: 'port 80 is published and nobody answers there',
    cause: '`http_redirect_addr` is not set, or its port is taken',
    fix: 'write `http_redirect_addr: ":80"`, or publish 443 alone',
    planted: [
      { in: 'files', finds: 'DEAD_PORT_80', along: ['AUTOCERT_NO_REDIRECT'] },
      { in: 'log', finds: 'LOG-03', fix: 'free port 80', lines: () => recordedAs('port-80-taken') },
    ],
  },
  {
    number: 32,
    symptom: 'claude.ai cannot connect to `https://host:8443`',
    cause: 'its servers reach port 443 only',
    fix: 'mcpgw up --port 443 --save',
    planted: [
      {
        in: 'client',
        finds: 'claude-ai',
        client: 'claude-ai',
        traits: { server: new URL('https://mcp.corp.test:8443/') },
      },
    ],
  },
  {
    number: 33,
    symptom: 'a container does not reach the sign-in or the keys of the gateway: timeouts, no identity',
    cause: 'the public name leads nowhere from inside the network',
    fix: 'add the host under networks: default: aliases: of the service; `mcpgw up` does it',
    planted: [
      { in: 'files', finds: 'MISSING_ALIAS' },
      { in: 'project', finds: 'DKR-11', fix: 'mcpgw up', container: { aliases: [] } },
      { in: 'log', finds: 'LOG-05', fix: 'mcpgw doctor', lines: () => recordedAs('idp-name-not-found') },
    ],
  },
  {
    number: 35,
    symptom: 'the authority says `Redirect loop detected` after a live change, and not after a restart',
    cause: 'a fault of Pomerium before v0.26, which knows nothing of MCP either',
    fix: 'write pomerium/pomerium:v0.33.1',
    planted: [
      {
        in: 'files',
        finds: 'RELEASE_WITHOUT_MCP',
        along: ['KEY_TOO_NEW', 'MCP_FLAG_OFF', 'STREAM_TIMEOUT', 'NO_REFRESH_GRANT', 'TOKEN_REACHES_UPSTREAM'],
      },
    ],
  },
];
