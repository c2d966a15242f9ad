import { BUFFER_BYTES } from '../../pomerium/index.ts';
import { ok, skipped, warning, type Check } from '../check.ts';
import { hasToolRules } from '../tool-rules.ts';

/** Over the limit a body is not parsed, and a denied tool is called all the same (Pomerium v0.33.1 authorize/evaluator/mcp.go). */
export const policyLimit: Check = {
  id: 'POL-04',
  area: 'policy',
  title: 'rules for tools see calls of every usual size',
  on: ['configuration'],
  needs: ['FIL-03'],
  async run({ servers, configuration }) {
    const ruled = (await servers()).filter(({ route }) => route && hasToolRules(route));
    if (ruled.length === 0) return skipped('no rule looks at tools');
    const { file } = await configuration();
    const off = ruled.find(({ route }) => route?.mcp?.server?.max_request_bytes !== BUFFER_BYTES);
    if (!off) return ok(`${BUFFER_BYTES} bytes`);
    const bytes = off.route?.mcp?.server?.max_request_bytes ?? 0;
    const fix = `edit ${file}: mcp: {server: {max_request_bytes: ${BUFFER_BYTES}}} of ${off.name}`;
    return bytes < BUFFER_BYTES
      ? warning(`${off.name}: a denied tool passes when its call is larger than ${bytes} bytes`, fix)
      : warning(`${off.name}: calls over ${BUFFER_BYTES} bytes are answered 413`, fix);
  },
};
