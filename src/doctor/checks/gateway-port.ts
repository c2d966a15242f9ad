import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { addressesTaken, findPortHolder, type PortHolder } from '../../net/ports.ts';
import type { Project } from '../../project/index.ts';
import { failure, ok, type Check, type Finding } from '../check.ts';
import { presentedCertificate } from '../presented-certificate.ts';

/** Ports free: the gateway is down. Taken: by our gateway, or by somebody else, whose name is told. */
export const gatewayPort: Check = {
  id: 'PRT-01',
  area: 'port',
  title: 'nobody else holds the ports',
  on: ['project'],
  needs: ['FIL-02'],
  async run({ project, running }, signal) {
    const loaded = await project();
    const { port, idp } = loaded.settings;
    const pid = (await running())?.pid;
    if ((await addressesTaken(port)).length > 0) {
      const holder = await findPortHolder(port);
      const isOurs = (pid !== undefined && holder?.pid === pid) || (await servesProject(loaded, signal));
      if (!isOurs) return taken(port, 'the gateway', holder, `or move this project: ${moveTo(port)}`);
      return ok(`port ${port}: this project’s gateway${holder ? ` (pid ${holder.pid})` : ''}`);
    }
    if (idp && pid === undefined && (await addressesTaken(idp.port)).length > 0) {
      const move = 'or change x-mcpgw.idp.port in docker-compose.yaml';
      return taken(idp.port, 'the development identity provider', await findPortHolder(idp.port), move);
    }
    return ok(`${idp ? `ports ${port} and ${idp.port} are` : `port ${port} is`} free; the gateway is not running`);
  },
};

/** A certificate of the project's own authority, or for a public address any: the gateway got it elsewhere. */
async function servesProject({ paths, settings }: Project, signal: AbortSignal): Promise<boolean> {
  const presented = await presentedCertificate(settings.port, signal);
  if (!presented || settings.address === 'public') return presented !== undefined;
  try {
    return presented.verify(new X509Certificate(await readFile(paths.authority, 'utf8')).publicKey);
  } catch {
    // Without a readable authority nothing can be its work.
    return false;
  }
}

function taken(port: number, what: string, holder: PortHolder | undefined, otherwise: string): Finding {
  const who = holder ? `${holder.command} (pid ${holder.pid})` : 'another program';
  const fix = holder ? `kill ${holder.pid}\n# ${otherwise}` : `# stop it, ${otherwise}`;
  return failure(`port ${port} (${what}) is held by ${who}`, fix);
}

function moveTo(port: number): string {
  return `mcpgw up --port ${port + 1000 > 65_535 ? port - 1000 : port + 1000} --save`;
}
