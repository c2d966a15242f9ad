import type { Fetch } from '../../net/fetch.ts';
import { createAnthropic } from './anthropic.ts';
import type { LlmSettings, Model } from './model.ts';
import { createOpenAi } from './openai.ts';

export function createModel(settings: LlmSettings, fetch: Fetch): Model {
  return settings.api === 'anthropic' ? createAnthropic(settings, fetch) : createOpenAi(settings, fetch);
}
