import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Project } from '../../../src/project/index.ts';
import { createService, type ServiceOptions } from '../../../src/stack/embedded/create-service.ts';
import { createHostMap } from '../../../src/stack/embedded/host-map.ts';

test('a server’s process waits for the authority, which Node reads only when it starts', async () => {
  const authority = Promise.withResolvers<string>();
  const options: Partial<ServiceOptions> = {
    service: { name: 'app', words: ['mcpgw', 'app'], hash: '', environment: {}, folder: '/', port: 8090 },
    // Of a project, only the place of the authority is asked for here.
    project: { paths: { authority: '/ca.pem' } } as Project,
    env: {},
    program: ['node', 'mcpgw.js'],
    hosts: createHostMap(),
    authority: async () => authority.promise,
    log: () => undefined,
    onProcess: () => undefined,
  };
  let isMade = false;
  const made = createService(options as ServiceOptions).then((part) => {
    isMade = true;
    return part;
  });
  for (let i = 0; i < 5; i += 1) await setImmediate();
  expect(isMade).toBe(false);
  authority.resolve('');
  expect((await made).summary()).toBe('node mcpgw.js app on port 8090');
});
