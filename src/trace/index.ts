export type { TraceStep } from './exchange.ts';
export { toHar } from './har.ts';
export { judgeTrace } from './judge.ts';
export { recordExchanges } from './record.ts';
