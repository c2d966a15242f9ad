import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../../src/gateway/identity/database.ts';

/** Opens a state file and dies, without a chance to tidy up, before the n-th script that it runs: `<file> <n>`. Prints `open` when there are fewer. */
const [, , file = '', n = ''] = process.argv;
let left = Number(n);
const exec = Reflect.get<DatabaseSync, 'exec'>(DatabaseSync.prototype, 'exec');
DatabaseSync.prototype.exec = function execOrDie(sql) {
  if (left-- === 0) process.kill(process.pid, 'SIGKILL');
  exec.call(this, sql);
};
openDatabase(file);
process.stdout.write('open\n');
