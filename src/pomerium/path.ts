/** A way into the configuration's data: keys and list indices. */
export type Path = readonly (string | number)[];

/** `routes[0].mcp.server` */
export function formatPath(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
