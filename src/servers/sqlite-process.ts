import { isMainThread } from 'node:worker_threads';
import type { ProcessSetup, Question } from './sqlite/messages.ts';
import { answerQuestion } from './sqlite/query.ts';
import { startWatchdog, watch } from './sqlite/watchdog.ts';

/** The process that runs queries, one at a time; started by sqlite/query-process.ts, which kills it to stop a query. */
function serve(): void {
  const setup = JSON.parse(process.argv[2] ?? '') as ProcessSetup;
  const watchdog = startWatchdog(new URL(import.meta.url), setup.limits);
  // Ctrl+C reaches the whole process group; a call in flight is to be finished, and the parent decides when to stop.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (question: Question) => {
    process.send?.(watchdog.during(() => answerQuestion(setup, question)));
  });
}

if (isMainThread) serve();
else watch();
