import { COMPOSE_FILE } from '../../project/paths.ts';
import { append, isInBrackets, parseYaml } from '../../project/index.ts';
import { changed, dataOf, leftByHand, type Step } from '../draft.ts';
import { addVariable, environmentOf } from '../environment.ts';

/** Each of these says where a certificate comes from, or that none is wanted. Pomerium v0.33.1 config/options.go. */
const KEYS = ['certificates', 'certificate', 'certificate_file', 'autocert', 'insecure_server'];
const SOURCE = './.mcpgw/certs';
const TARGET = '/pomerium/certs';

/** On one machine, the certificate of the project's own authority, where there is none yet: Pomerium's own says no host's name. */
export const certificate: Step = (draft, { gateway, settings }) => {
  const data = dataOf(draft.config);
  const variables = environmentOf(draft.compose, gateway).map(({ name }) => name.toLowerCase());
  if (settings.address === 'public' || KEYS.some((key) => data[key] || variables.includes(key))) return draft;
  const path = ['services', gateway, 'volumes'];
  const brackets = isInBrackets(parseYaml(draft.compose, '').document, [...path, 0]);
  const withMount = append(draft.compose, path, brackets ? [`- "${SOURCE}:${TARGET}:ro"`] : MOUNT);
  const withFile = withMount && addVariable(withMount, gateway, 'CERTIFICATE_FILE', `${TARGET}/gateway.crt`);
  const compose = withFile && addVariable(withFile, gateway, 'CERTIFICATE_KEY_FILE', `${TARGET}/gateway.key`);
  const what = `${gateway} has the certificate that \`mcpgw up\` makes`;
  const why = 'without one Pomerium makes up its own, which names no host and which nobody trusts';
  if (compose === undefined) return leftByHand(draft, `${COMPOSE_FILE}: ${what}: mount ${SOURCE} at ${TARGET}`, why);
  const next = changed(draft, { compose }, { file: COMPOSE_FILE, what, why });
  const trust = `servers that fetch the gateway’s keys over https (whoami does) have to trust its authority: mount ${SOURCE}/ca.pem, and name it in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE`;
  return { ...next, afterwards: [...next.afterwards, trust] };
};

const MOUNT = [
  '- type: bind',
  `  source: ${SOURCE}`,
  `  target: ${TARGET}`,
  '  read_only: true',
  '  bind: {create_host_path: false}',
];
