import { toolError, type Challenge, type ToolAnswer } from '../tool.ts';

/** A provider's API could not do what a tool asked of it; the message is for the user and names no token. */
export class ProviderFailure extends Error {
  /** Set when another token would help. */
  readonly challenge: Challenge | undefined;

  constructor(message: string, challenge?: Challenge) {
    super(message);
    this.challenge = challenge;
  }
}

/** Runs a tool; a failure of the provider becomes its answer, as `<tool>: <why>`. */
export async function answering(tool: string, work: () => Promise<ToolAnswer>): Promise<ToolAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const answer = toolError(`${tool}: ${error.message}`);
    return error.challenge ? { ...answer, challenge: error.challenge } : answer;
  }
}
