import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  type CallToolResult,
  type ClientCapabilities,
  type InputRequest,
  type InputRequiredResult,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { said } from './content.ts';
import { questions } from './questions.ts';

/** What a tool remembers between two calls, signed and in the client's hands. */
export interface Remembered {
  round: number;
}

type Answer = CallToolResult | InputRequiredResult;

type Handler = (context: ServerContext) => Promise<Answer>;

/** Tools that cannot answer before the client did: one tool a scenario `input-required-result-*`. */
export function registerInputTools(server: McpServer, codec: RequestStateCodec<Remembered>): void {
  const handlers: Record<string, Handler> = { ...singleQuestions, ...rounds(codec) };
  for (const [name, answer] of Object.entries(handlers)) {
    server.registerTool(`test_${name}`, { description: `Asks the client: ${name}` }, answer);
  }
}

const singleQuestions: Record<string, Handler> = {
  async input_required_result_elicitation({ mcpReq }) {
    const name = acceptedContent(mcpReq.inputResponses, 'user_name')?.['name'];
    if (typeof name === 'string') return said(`Hello, ${name}!`);
    return inputRequired({ inputRequests: { user_name: questions.name('What is your name?') } });
  },
  async input_required_result_sampling({ mcpReq }) {
    const answer = inputResponse(mcpReq.inputResponses, 'capital_question');
    if (answer.kind === 'sampling') return said(JSON.stringify(answer.result.content));
    return inputRequired({ inputRequests: { capital_question: questions.model('What is the capital of France?') } });
  },
  async input_required_result_list_roots({ mcpReq }) {
    const answer = inputResponse(mcpReq.inputResponses, 'client_roots');
    if (answer.kind === 'roots') return said(answer.roots.map(({ uri }) => uri).join(' '));
    return inputRequired({ inputRequests: { client_roots: questions.roots() } });
  },
  async input_required_result_capabilities({ mcpReq }) {
    const can = capabilitiesOf(mcpReq.envelope);
    return inputRequired({
      inputRequests: {
        ...(can?.sampling ? { greeting: questions.model('Generate a greeting') } : {}),
        ...(can?.elicitation ? { user_name: questions.name('What is your name?') } : {}),
      },
    });
  },
  // The SDK refuses a question that the client did not say it can answer.
  async missing_capability() {
    return inputRequired({ inputRequests: { greeting: questions.model('Generate a greeting') } });
  },
};

/** Tools that have to know at the second call what they asked at the first. */
function rounds(codec: RequestStateCodec<Remembered>): Record<string, Handler> {
  const ask = async (round: number, inputRequests: Record<string, InputRequest>): Promise<Answer> =>
    inputRequired({ inputRequests, requestState: await codec.mint({ round }) });
  const confirm: Handler = async ({ mcpReq }) => {
    const consent = acceptedContent(mcpReq.inputResponses, 'confirm');
    if (consent && mcpReq.requestState<Remembered>()?.round === 1) return said('state-ok');
    return ask(1, { confirm: questions.consent('Please confirm') });
  };
  return {
    input_required_result_request_state: confirm,
    input_required_result_tampered_state: confirm,
    async input_required_result_multiple_inputs({ mcpReq }) {
      const keys = ['user_name', 'greeting', 'client_roots'];
      const isComplete = keys.every((key) => inputResponse(mcpReq.inputResponses, key).kind !== 'missing');
      if (isComplete && mcpReq.requestState<Remembered>()?.round === 1) return said('all three answered');
      return ask(1, {
        user_name: questions.name('What is your name?'),
        greeting: questions.model('Generate a greeting', 50),
        client_roots: questions.roots(),
      });
    },
    async input_required_result_multi_round({ mcpReq }) {
      const round = mcpReq.requestState<Remembered>()?.round ?? 0;
      if (round === 2 && acceptedContent(mcpReq.inputResponses, 'step2')) return said('both rounds done');
      if (round === 1 && acceptedContent(mcpReq.inputResponses, 'step1')) {
        return ask(2, { step2: questions.colour('Step 2: What is your favorite color?') });
      }
      return ask(1, { step1: questions.name('Step 1: What is your name?') });
    },
  };
}

/** The type of the SDK names no member of the envelope. */
function capabilitiesOf(envelope: Record<string, unknown> | undefined): ClientCapabilities | undefined {
  return envelope?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
}
