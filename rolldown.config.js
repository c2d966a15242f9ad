import { defineConfig } from 'rolldown';
import { EVERY_START, leanBuiltins, PARSER } from './scripts/lean-builtins.js';
import { slimMimeDb } from './scripts/slim-mime-db.js';
import { thirdPartyNotices } from './scripts/third-party-notices.js';
import { withoutNative } from './scripts/without-native.js';

export default defineConfig({
  input: {
    main: 'src/main.ts',
    'sqlite-process': 'src/servers/sqlite-process.ts',
  },
  platform: 'node',
  logLevel: 'warn',
  onLog(level, log, report) {
    // depd, inside oidc-provider, names its wrapped functions with eval; nothing from outside reaches it. And some of what
    // is loaded late when run from source is in the first chunk of a build.
    if (log.code !== 'EVAL' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') report(level, log);
  },
  // pg's native half is optional, and asked for only by name.
  external: [/^node:/, 'pg-native'],
  plugins: [withoutNative(), leanBuiltins(), slimMimeDb(), thirdPartyNotices('THIRD-PARTY.md')],
  output: {
    dir: 'dist',
    format: 'esm',
    minify: true,
    cleanDir: true,
    // Each file costs a millisecond or two at start; what every start needs is one.
    codeSplitting: {
      groups: [
        { name: 'start', test: EVERY_START },
        { name: 'parser', test: PARSER },
      ],
    },
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  },
});
