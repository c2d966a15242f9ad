'use strict';
// Written in old syntax on purpose: it has to parse on the Node versions it turns away.
var found = process.versions.node.split('.');
var major = Number(found[0]);
var minor = Number(found[1]);
var supported = (major === 22 && minor >= 19) || (major === 24 && minor >= 6) || major > 24;
if (!supported) {
  var name = process.env.MCPGW_PROGRAM || 'mcpgw';
  var rest = process.argv
    .slice(2)
    .map(function (word) {
      return /^[\w@%+=:,./-]+$/.test(word) ? word : "'" + word.replace(/'/g, "'\\''") + "'";
    })
    .join(' ');
  process.stderr.write(
    '\u2717 ' +
      name +
      ' needs Node 22.19 or later (or 24.6 or later); this is Node ' +
      process.versions.node +
      '.\n' +
      '  Fix: npx -y -p node@24 -p create-mcp-gateway ' +
      name +
      (rest ? ' ' + rest : '') +
      '\n' +
      '  NODE_TOO_OLD \u00b7 exit 1\n',
  );
  process.exit(1);
}
// Compiled code is kept from run to run; here, so that it covers the first file too.
var nodeModule = require('module');
if (nodeModule.enableCompileCache) nodeModule.enableCompileCache();
