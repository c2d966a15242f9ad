import type { Ctx } from '../context.ts';
import { EXIT, usage, type ExitCode } from '../errors.ts';
import { policyMatrix, type PolicyMatrixOptions, type PolicyMatrixResult } from './policy-matrix.ts';
import type { PolicyTestOptions, PolicyTestResult } from './policy-test.ts';
import { testPolicy, type PolicyTestsResult } from './policy-tests.ts';

export interface PolicyOptions extends PolicyTestOptions, PolicyMatrixOptions {
  /** test, matrix */
  action?: string;
}

export type PolicyResult = PolicyTestResult | PolicyTestsResult | PolicyMatrixResult;

/** Answers from the files what the policies let whom do; nothing has to run. */
export async function run(ctx: Ctx, options: PolicyOptions): Promise<PolicyResult> {
  const action = options.action ?? 'matrix';
  if (action === 'test') {
    if (options.tools)
      throw usage('--tools is for the matrix; --tool names the one to test', 'mcpgw policy test --tool <name>');
    return testPolicy(ctx, options);
  }
  if (action === 'matrix') {
    const wrong = Object.entries(TEST_ONLY).find(([key]) => options[key as keyof PolicyOptions] !== undefined);
    if (wrong) throw usage(`${wrong[1]} is for \`policy test\``, `mcpgw policy test ${wrong[1]} ...`);
    return policyMatrix(ctx, options);
  }
  throw usage(`policy can \`test\` and \`matrix\`, not \`${action}\``, 'mcpgw policy matrix');
}

const TEST_ONLY: Partial<Record<keyof PolicyOptions, string>> = {
  tool: '--tool',
  rpc: '--rpc',
  method: '--method',
  path: '--path',
  body: '--body',
  bodyBytes: '--body-bytes',
  contentType: '--content-type',
  sourceIp: '--source-ip',
};

/** A matrix has no verdict; a test that is refused is told by its exit code too. */
export function exitOf(result: PolicyResult): ExitCode {
  return result.kind === 'matrix' || result.allowed ? EXIT.done : EXIT.signIn;
}

export { policyScreen as screen } from '../ui/screens/policy.ts';
