import type { AcmeProblem } from './acme/problem.ts';

export interface Explained {
  text: string;
  fix: string;
}

export interface Circumstance {
  host: string;
  /** The port on which the authority looked; absent where it is not known. */
  port?: number;
  /** Of the authority's directory, as its URL. */
  directory: string;
  /** Milliseconds since 1970. */
  retryAt?: number;
  /** How to let the gateway try again: it does not by itself. */
  again: string;
}

type Explain = (circumstance: Circumstance, problem: AcmeProblem) => Explained;

const otherServer: Explain = ({ host, port, again }) => ({
  text: `what answers for ${host}${on(port)} is not this machine, or nothing that a challenge was given to`,
  fix: `dig +short A ${host} && dig +short AAAA ${host}    # both have to lead here, past any proxy or CDN\n${again}`,
});

const unreachable: Explain = ({ host, port, again }) => ({
  text: `${host} cannot be reached from outside${on(port)}`,
  fix: `# open it in the firewall, in the cloud’s security group and in the router’s port forwarding\nsudo ss -ltnp    # who listens\n${again}`,
});

const account: Explain = ({ directory }) => ({
  text: `${new URL(directory).hostname} does not know the account`,
  fix: '# move `acme/` in the certificate store away; the gateway makes a new account',
});

const refusedName: Explain = ({ host, directory }) => ({
  text: `${new URL(directory).hostname} issues no certificate for ${host}`,
  fix: '# take another name, or a certificate of your own: `certificates:` in pomerium-config.yaml',
});

const wrongContact: Explain = ({ directory }) => ({
  text: `${new URL(directory).hostname} does not take the address in \`autocert_email\``,
  fix: 'edit pomerium-config.yaml: correct `autocert_email`, or leave it out',
});

/** By type alone (RFC 8555 §6.7): each authority has words of its own. */
const BY_TYPE: Readonly<Record<string, Explain>> = {
  connection: unreachable,
  unauthorized: otherServer,
  incorrectResponse: otherServer,
  dns: ({ host, again }) => ({
    text: `the authority finds no address of ${host} in DNS`,
    fix: `dig +trace A ${host}    # set an A record (or AAAA) at your DNS provider\n${again}`,
  }),
  caa: ({ host, directory, again }) => ({
    text: `CAA records forbid ${new URL(directory).hostname} to issue for ${host}`,
    fix: `dig +short CAA ${host}    # allow the authority there, and at the names above\n${again}`,
  }),
  tls: ({ host, port, again }) => ({
    text: `the authority could not agree on TLS with ${host}${on(port)}`,
    fix: `openssl s_client -connect ${host}:443 -servername ${host} </dev/null    # who is it\n${again}`,
  }),
  rateLimited: ({ directory, retryAt }) => ({
    text: `${new URL(directory).hostname} takes no more orders${retryAt === undefined ? ' for now' : ` before ${utc(retryAt)}`}`,
    fix: '# wait: each restart asks again. Keep the certificate store; try things out with `autocert_use_staging: true`',
  }),
  externalAccountRequired: ({ directory }) => ({
    text: `${new URL(directory).hostname} wants an account that it gave out itself`,
    fix: 'edit pomerium-config.yaml: set `autocert_eab_key_id` and `autocert_eab_mac_key`, both from the authority',
  }),
  userActionRequired: ({ directory }) => ({
    text: `${new URL(directory).hostname} wants a person to agree to something first`,
    fix: `# open ${directory} and follow \`meta.termsOfService\``,
  }),
  malformed: ({ host, again }) => ({
    text: `the authority could not make sense of ${host}: it finds no address for it, or takes no such name`,
    fix: `dig +short A ${host}    # has it an address?\n${again}`,
  }),
  serverInternal: ({ directory }) => ({
    text: `${new URL(directory).hostname} has a fault of its own`,
    fix: '# try again later; https://letsencrypt.status.io tells about Let’s Encrypt',
  }),
  badNonce: ({ directory }) => ({
    text: `${new URL(directory).hostname} refused one nonce after another`,
    fix: 'mcpgw doctor --only issuance    # again; a proxy that caches its answers is the likely cause',
  }),
  accountDoesNotExist: account,
  alreadyRevoked: account,
  rejectedIdentifier: refusedName,
  unsupportedIdentifier: refusedName,
  invalidContact: wrongContact,
  unsupportedContact: wrongContact,
};

/** What an authority's problem means for whoever runs the gateway, and what to do. */
export function explainProblem(problem: AcmeProblem, circumstance: Circumstance): Explained {
  const known = BY_TYPE[problem.type];
  if (known) return known(circumstance, problem);
  return {
    text: `the authority refuses ${circumstance.host}: ${problem.type}`,
    fix: `# its words: ${problem.detail.slice(0, 200)}\n${circumstance.again}`,
  };
}

/** Why an authority cannot be talked to, by the code of the system or of TLS. */
export function explainUnreachable(directory: string, code: string): Explained {
  const host = new URL(directory).hostname;
  if (['ENOTFOUND', 'EAI_AGAIN'].includes(code)) {
    return { text: `${host} is not known to DNS here`, fix: `dig +short ${host}    # and look at /etc/resolv.conf` };
  }
  if (/CERT|SIGNATURE|ISSUER|SELF_SIGNED/.test(code)) {
    return {
      text: `the certificate of ${host} is not trusted here (${code})`,
      fix: 'mcpgw doctor --only issuance --acme-ca authority.pem    # the gateway itself needs SSL_CERT_FILE',
    };
  }
  if (code === 'NO_ACME' || code.startsWith('HTTP ')) {
    return { text: `${directory} is no ACME directory (${code})`, fix: `curl -si ${directory}    # what is it` };
  }
  const how = code === 'TIMEOUT' ? 'does not answer' : `refuses connections (${code})`;
  return { text: `${host} ${how}`, fix: `curl -sv ${directory} -o /dev/null    # let this machine out to port 443` };
}

export function utc(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function on(port: number | undefined): string {
  return port === undefined ? '' : ` on port ${port}`;
}
