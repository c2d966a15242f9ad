#!/usr/bin/env node
process.env.MCPGW_PROGRAM = 'mcpgw';
import('./guard.cjs').then(function () {
  return import('../dist/main.js');
}).then(function (main) {
  return main.start('mcpgw');
});
