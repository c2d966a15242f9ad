import { nearest } from '../../nearest.ts';
import { ok, skipped, warning, type Check } from '../check.ts';
import { reachTools } from '../reach-tools.ts';
import { placeOf } from '../servers.ts';
import { toolsNamed } from '../tool-rules.ts';
import { count } from '../words.ts';

export const policyTools: Check = {
  id: 'POL-05',
  area: 'policy',
  title: 'rules name tools that there are',
  on: ['sign-in'],
  needs: ['SGN-02'],
  async run(patient, signal) {
    const ruled = (await patient.servers()).filter(({ route }) => route && toolsNamed(route).length > 0);
    if (ruled.length === 0) return skipped('no rule names a tool');
    let names = 0;
    for (const server of ruled) {
      const known = (await reachTools(patient, server, signal))?.tools.map(({ name }) => name);
      if (!known) continue;
      const named = server.route ? toolsNamed(server.route) : [];
      names += named.length;
      const wrong = named.find((name) => !known.includes(name));
      if (wrong === undefined) continue;
      const close = nearest(wrong, known);
      const text = `${server.name} has no tool ${wrong}${close ? `; did you mean ${close}?` : ''}`;
      return warning(text, `edit the policy in pomerium-config.yaml${placeOf(server)}\nmcpgw up`, known);
    }
    return ok(count(names, 'tool'));
  },
};
