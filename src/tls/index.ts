export { ensureAuthority, type Authority } from './authority.ts';
export { ensureServerCertificate, type ServerCertificate } from './certificate.ts';
