import { defineConfig } from 'rolldown';

export default defineConfig({
  input: 'test/docker/images/pomerium/main.ts',
  platform: 'node',
  logLevel: 'warn',
  // pg loads its native half only when somebody asks for it.
  external: [/^node:/, 'pg-native'],
  output: { format: 'esm', codeSplitting: false },
});
