export type ReadFile = (path: string) => string;

/** Go's words for a file that cannot be read. */
export function describeFileFailure(file: string, error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'EISDIR') return `read ${file}: is a directory`;
  return `open ${file}: ${code === 'EACCES' ? 'permission denied' : 'no such file or directory'}`;
}
