#!/usr/bin/env node
process.env.MCPGW_PROGRAM = 'create-mcp-gateway';
import('./guard.cjs')
  .then(function () {
    return import('../dist/main.js');
  })
  .then(function (main) {
    return main.start('create-mcp-gateway');
  })
  .catch(function (error) {
    // main.js tells of every failure itself, so this one is that it could not be loaded.
    process.exitCode = 1;
    process.stderr.write(
      '\u2717 create-mcp-gateway cannot be loaded: ' +
        error.message +
        '\n' +
        '  Fix: npm run build in a clone, else npm install --global create-mcp-gateway\n' +
        '  NOT_BUILT \u00b7 exit 1\n',
    );
  });
