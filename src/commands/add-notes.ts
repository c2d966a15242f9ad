import type { Project } from '../project/index.ts';
import { hostedWarnings, providerWarnings } from '../scaffold/index.ts';
import type { AddAnswers } from './add-answers.ts';
import type { Addition } from './add-plan.ts';

/** What will or may not work, as far as it is known beforehand. */
export function warningsOf({ source, place, client, upstream }: AddAnswers, { settings }: Project): string[] {
  const isLocal = settings.address === 'local';
  const preset = source.kind === 'preset' ? source.preset : undefined;
  const callback =
    client && isLocal
      ? [`some providers refuse a callback URL below ${settings.domain}; a public domain is taken by all`]
      : [];
  const loopback =
    upstream?.hostRewrite !== undefined && settings.engine === 'docker'
      ? [
          'the gateway runs in a container: on Linux, a server that listens on 127.0.0.1 alone is not reached from there; let it listen on 0.0.0.0 or on the address of docker0',
        ]
      : [];
  return [
    ...(client && preset?.provider ? providerWarnings(preset.provider) : []),
    ...(place === 'hosted' && preset?.hosted ? hostedWarnings(preset.hosted, isLocal) : []),
    ...callback,
    ...loopback,
  ];
}

/** What else is to be known or done. */
export function notesOf(
  { source, host, place }: AddAnswers,
  addition: Addition,
  { settings, secrets }: Project,
): string[] {
  const dns = settings.address === 'public' ? [`${host} needs a DNS record that points at the gateway’s machine`] : [];
  const domains = addition.metadataDomains;
  const image = secrets['MCP_SERVERS_IMAGE'];
  return [
    ...dns,
    ...(domains.length > 0 ? [`Pomerium may read authorization server metadata of ${domains.join(', ')}`] : []),
    ...(place === 'reference' && image
      ? [`MCP_SERVERS_IMAGE is ${image}: whether it serves /${addition.server} is its own matter`]
      : []),
    ...(source.kind === 'url' && source.to.startsWith('https:')
      ? ['where the server has a sign-in of its own, Pomerium finds it by discovery when it is first called']
      : []),
  ];
}
