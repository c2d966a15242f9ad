import type { Options } from './model.ts';

/**
 * The files of certificates and authorities that a configuration names, as it writes their paths; those of secrets stand no longer in
 * the options. After Pomerium v0.33.1 config/config_source.go, getAllConfigFilePaths.
 */
export function namedFiles(options: Options): string[] {
  const files = [
    options.certificate_authority_file,
    ...options.certificates.flatMap(({ cert, key }) => [cert, key].filter((value) => !value.includes('-----BEGIN'))),
    ...options.routes.flatMap((route) => [
      route.tls_custom_ca_file,
      route.tls_client_cert_file,
      route.tls_client_key_file,
    ]),
  ];
  return [...new Set(files.filter((file) => file !== undefined && file !== ''))] as string[];
}
