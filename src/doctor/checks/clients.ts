import { CLIENTS, predict, type McpClient } from '../../clients/index.ts';
import { failure, ok, skipped, warning, type Check, type Finding, type Patient } from '../check.ts';
import { traitsOf } from '../traits.ts';

/** One check for each client whose demands are known. */
export const clientChecks: readonly Check[] = CLIENTS.map((client) => ({
  id: idOfClient(client.id),
  area: 'clients',
  title: client.name,
  on: ['server'],
  needs: ['FIL-03'],
  run: async (patient, signal) => foretell(client, patient, signal),
}));

/** `CLI-01` for the first of the list. */
export function idOfClient(client: string): string {
  const place = CLIENTS.findIndex(({ id }) => id === client) + 1;
  return `CLI-${String(place).padStart(2, '0')}`;
}

async function foretell(client: McpClient, patient: Patient, signal: AbortSignal): Promise<Finding> {
  const [server] = await patient.servers();
  if (!server) return skipped('no MCP route asks for a sign-in');
  const traits = await traitsOf(patient, server, signal);
  if (typeof traits === 'string') return skipped(traits);
  const { kind, reason, mend } = predict(client, traits);
  const evidence = [`source: ${client.source}, looked at in ${client.verified}`];
  if (kind === 'works')
    return ok(mend === undefined ? `works, ${reason}` : `works, ${reason}; before: ${mend}`, evidence);
  const text = `${client.name} will fail: ${reason}`;
  const isAsked = patient.client === client.id;
  // Nobody expects a vendor's servers to reach this machine, unless that is the question.
  if (!isAsked && client.from === 'vendor' && traits.isLocal)
    return skipped(`${reason}; mcpgw doctor --client ${client.id}`);
  const fix = mend ?? 'use another client';
  return isAsked ? failure(text, fix, evidence) : warning(text, fix, evidence);
}
