import type * as Http from 'node:http';
import { createRequire } from 'node:module';

/**
 * node:http without what `import` adds: to give an importer every name that the module exports, Node evaluates its WebSocket, and with
 * that all of undici: 30 ms and 12 MB that a gateway has no use for.
 */
export const { createServer, STATUS_CODES } = createRequire(import.meta.url)('node:http') as typeof Http;
