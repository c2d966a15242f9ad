/** User agent of the engine's own look at whether the gateway answers; such requests are nobody's. */
export const PROBE_AGENT = 'mcpgw-probe';
