import type { PolicyResult } from '../../commands/policy.ts';
import type { Style } from '../style.ts';
import { policyMatrixScreen } from './policy-matrix.ts';
import { policyTestScreen, policyTestsScreen } from './policy-test.ts';

export function policyScreen(result: PolicyResult, style: Style): string {
  if (result.kind === 'matrix') return policyMatrixScreen(result, style);
  return result.kind === 'test' ? policyTestScreen(result, style) : policyTestsScreen(result, style);
}
