import type { Check } from '../check.ts';
import { LOG_GROUPS } from '../log/index.ts';
import { logCheck } from '../log/pattern.ts';

export const logGroups: readonly Check[] = LOG_GROUPS.map((group) => logCheck(group));
