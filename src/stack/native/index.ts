import { lookup } from 'node:dns/promises';
import type { Ctx } from '../../context.ts';
import { loadProject, type Project } from '../../project/index.ts';
import { EmbeddedEngine } from '../embedded/index.ts';
import type { Applied, ApplyOptions, Engine, Plan, StackStatus, Stopped } from '../engine.ts';
import type { LogSource } from '../logs/log-source.ts';
import { within } from '../embedded/within.ts';
import { doubtAbout, requirePomerium } from './programs.ts';
import { chooseStore } from './store.ts';

/** Milliseconds. Offline, a resolver may take many seconds to say so. */
const PATIENCE = 1_000;

/**
 * The user's own `pomerium` and PostgreSQL. The background process is that of the embedded engine, with Pomerium in the place of
 * the development gateway; identity provider and servers are the same.
 */
export class NativeEngine implements Engine {
  readonly patience = 60_000;
  readonly #background: EmbeddedEngine;
  readonly #folder: string;
  readonly #env: Ctx['env'];

  constructor(folder: string, ctx: Pick<Ctx, 'env' | 'program'>) {
    this.#background = new EmbeddedEngine(folder, ctx);
    this.#folder = folder;
    this.#env = ctx.env;
  }

  /** Throws when Pomerium is missing: before anything is touched. */
  async plan(): Promise<Plan> {
    const project = await loadProject(this.#folder, this.#env);
    const [plan, pomerium, store, name] = await Promise.all([
      this.#background.plan(),
      requirePomerium(this.#env),
      chooseStore(project, this.#env),
      unknownName(project),
    ]);
    const doubt = doubtAbout(pomerium);
    return {
      steps: plan.steps,
      warnings: [
        ...plan.warnings,
        ...(doubt === undefined ? [] : [doubt]),
        ...(store.kind === 'file' ? [`${store.why}; Pomerium keeps its sessions in files under .mcpgw/pomerium`] : []),
        ...(name === undefined
          ? []
          : [
              `Pomerium cannot resolve ${name}, so nobody can sign in: echo '127.0.0.1 ${name}' | sudo tee -a /etc/hosts`,
            ]),
      ],
    };
  }

  async apply(plan: Plan, options: ApplyOptions): Promise<Applied> {
    return this.#background.apply(plan, options);
  }

  async restartService(service: string, options: ApplyOptions): Promise<Applied> {
    return this.#background.restartService(service, options);
  }

  async status(): Promise<StackStatus> {
    return this.#background.status();
  }

  logs(): LogSource {
    return this.#background.logs();
  }

  async stop(): Promise<Stopped> {
    return this.#background.stop();
  }

  async deleteData(): Promise<string[]> {
    return this.#background.deleteData();
  }
}

/** The identity provider's host, when this machine's resolver, which Pomerium asks, does not know it. */
async function unknownName({ settings }: Project): Promise<string | undefined> {
  if (!settings.idp) return undefined;
  const name = `idp.${settings.domain}`;
  let isKnown = false;
  const asked = lookup(name).then(
    () => void (isKnown = true),
    () => undefined,
  );
  await within(PATIENCE, asked);
  return isKnown ? undefined : name;
}
