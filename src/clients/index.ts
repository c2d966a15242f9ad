export type { McpClient } from './client.ts';
export { CLIENTS } from './known.ts';
export { predict, type GatewayTraits } from './predict.ts';
