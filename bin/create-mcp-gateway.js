#!/usr/bin/env node
process.env.MCPGW_PROGRAM = 'create-mcp-gateway';
import('./guard.cjs').then(function () {
  return import('../dist/main.js');
}).then(function (main) {
  return main.start('create-mcp-gateway');
});
