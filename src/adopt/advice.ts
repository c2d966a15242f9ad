import { recordOf } from '../json.ts';
import { exposedPorts, parseYaml, readComposeModel } from '../project/index.ts';
import { COMPOSE_FILE, ENV_FILE } from '../project/paths.ts';
import { dataOf, type Draft, type Scene } from './draft.ts';
import type { Found } from './found.ts';

/** What works as it is, and is for the person to decide. */
export function adviceFor(draft: Draft, scene: Scene, about: Found): string[] {
  const { found, gateway, settings } = scene;
  const model = readComposeModel(parseYaml(draft.compose, COMPOSE_FILE), found.folder, {
    ...found.variables,
    ...draft.env,
  });
  const service = model.services.find(({ name }) => name === gateway);
  const database = about.database;
  const isOpen = (name: string): boolean => exposedPorts(model).some((one) => one.startsWith(`${name} `));
  return [
    ...(database?.trust ? [trust(database.service)] : []),
    ...(database && isOpen(database.service)
      ? [
          `the database’s port is open to the network; Pomerium reaches it without: take \`ports\` out of ${database.service}`,
        ]
      : []),
    ...(settings.address === 'local' && isOpen(gateway)
      ? [`the gateway’s port is open to the network; for this machine alone write 127.0.0.1: in front of it`]
      : []),
    ...(service?.ports.length === 0
      ? [
          `${gateway} publishes no port, so something stands before it; \`mcpgw up\` looks for the gateway on port ${settings.port} of this machine`,
        ]
      : []),
    ...readersOfEnv(draft.compose).map(
      (name) =>
        `${name} reads all of ${ENV_FILE} (env_file), and so gets the gateway’s secrets: give it a file of its own`,
    ),
  ];
}

/** The image postgres reads its variables only while it makes a new, empty data folder. */
function trust(service: string): string {
  return (
    `${service} lets everybody in who reaches it (trust). A volume that is there keeps that, and its users, whatever the compose file says. ` +
    `For a password: give the user one (ALTER USER ... PASSWORD), change \`trust\` to \`scram-sha-256\` in the volume’s pg_hba.conf, ` +
    `take POSTGRES_HOST_AUTH_METHOD out, and put the password into ${ENV_FILE} and the connection string`
  );
}

function readersOfEnv(compose: string): string[] {
  return Object.entries(recordOf(dataOf(compose)['services'])).flatMap(([name, service]) => {
    const { env_file: files } = recordOf(service);
    const named = (Array.isArray(files) ? files : [files]).map((one: unknown) => recordOf(one)['path'] ?? one);
    return named.some((one) => one === ENV_FILE || one === `./${ENV_FILE}`) ? [name] : [];
  });
}
