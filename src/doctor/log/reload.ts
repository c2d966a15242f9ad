import type { LogGroup } from './pattern.ts';

export const reload: LogGroup = {
  id: 'LOG-02',
  title: 'changes of the configuration are taken over',
  patterns: [
    {
      match: /config: error updating config/,
      kind: 'failure',
      text: 'the last change was refused, and the old configuration is in force',
      fix: 'mcpgw lint    # with the place',
      over: /config: loaded configuration/,
    },
    {
      match: /RouteConfiguration rejected/,
      kind: 'failure',
      text: 'Envoy refuses the routes: every one of them answers 404',
      fix: 'mcpgw lint    # max_request_bytes: 0, or an expression that is not RE2',
    },
    {
      match: /unknown config option/,
      kind: 'warning',
      text: 'a key of the configuration has no effect',
      fix: 'mcpgw lint    # names it, and what was meant',
      over: /config: file updated, reconfiguring/,
    },
    {
      match: /unknown runtime flag/,
      kind: 'warning',
      text: 'a runtime flag is not known',
      fix: 'mcpgw lint',
    },
    {
      match: /will retry.*renew|error config change.*context canceled/,
      kind: 'warning',
      text: 'a renewal that fails holds up every change of the configuration',
      fix: 'mcpgw restart pomerium    # once its cause is gone: mcpgw doctor --only issuance',
    },
  ],
};
