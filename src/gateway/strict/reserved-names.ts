/** Names of request headers that only the gateway sets: those that a route names, and every one that tells who somebody is. */
export class ReservedNames extends Set<string> {
  /** `name` in lower case. */
  override has(name: string): boolean {
    return name.startsWith('x-pomerium-') || super.has(name);
  }
}
