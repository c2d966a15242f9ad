import type { GatewayTraits } from '../clients/index.ts';
import { matchesDomain } from '../pomerium/index.ts';
import { discover } from './authorization-server.ts';
import type { Patient } from './patient.ts';
import { askAnonymously } from './probe.ts';
import { servedBy } from './served.ts';
import type { Server } from './servers.ts';

const LOCAL = /(^|\.)(localhost|local|internal|lan|home|test)$|^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[)/;

/** What a client meets at a server: from its metadata, or from the files where it does not run; else why nothing is known. */
export async function traitsOf(patient: Patient, server: Server, signal: AbortSignal): Promise<GatewayTraits | string> {
  const options = patient.target.kind === 'url' ? undefined : (await patient.configuration()).options;
  const found = await discover(patient, server).catch(() => undefined);
  const isOpen = !found && !options && (await asksNobody(patient, server, signal));
  if (!found && !options && !isOpen) return 'its metadata cannot be read, see GTW-01 and MET-02';
  const isLocal = await isLocalServer(patient, server);
  const looks = await servedBy(patient);
  const domains = options?.mcp_allowed_client_id_domains;
  const said = found?.metadata ?? {};
  const methods = said['token_endpoint_auth_methods_supported'];
  return {
    server: server.url,
    isLocal,
    hasPrivateAuthority:
      patient.target.kind === 'project' ? isLocal : looks.some(({ distrust }) => distrust !== undefined),
    // Where nobody has to sign in nobody has to be known.
    registers:
      isOpen ||
      (found
        ? typeof said['registration_endpoint'] === 'string'
        : options?.runtime_flags['mcp_dynamic_client_registration'] === true),
    takesDocumentsOf: (host) => (domains ? matchesDomain(domains, host) : undefined),
    takesDocuments: found ? said['client_id_metadata_document_supported'] === true : options !== undefined,
    ...(typeof found?.resource['resource'] === 'string' ? { resource: found.resource['resource'] } : {}),
    ignoresLoopbackPort: true,
    takesKeyJwt: Array.isArray(methods) && methods.includes('private_key_jwt'),
  };
}

async function isLocalServer({ target, project }: Patient, { url }: Server): Promise<boolean> {
  if (target.kind === 'project') return (await project()).settings.address === 'local';
  return LOCAL.test(url.hostname);
}

async function asksNobody({ fetch }: Patient, server: Server, signal: AbortSignal): Promise<boolean> {
  const answer = await askAnonymously(await fetch(), server.url, signal).catch(() => undefined);
  signal.throwIfAborted();
  return answer !== undefined && answer.status >= 200 && answer.status < 300;
}
