/** An entry with its place in the file, which decides among several that match. */
interface Placed<T> {
  item: T;
  place: number;
}

interface Pattern<T> extends Placed<T> {
  takes: RegExp;
}

/**
 * Finds what has a host pattern with `*` that takes a host, in the order of the file. A star at the start, as nearly all have it, is
 * looked up by what follows it, so that a thousand such hosts cost no more than one; other patterns are tried in turn.
 */
export class WildcardIndex<T> {
  /** By the text behind the star, up to a port. */
  readonly #bySuffix = new Map<string, Pattern<T>[]>();
  readonly #others: Pattern<T>[] = [];
  #size = 0;

  /** `anyPort`: a pattern without a port takes every port. */
  add(pattern: string, item: T, anyPort: boolean): void {
    const entry = { item, place: this.#size++, takes: wildcardExpression(pattern, anyPort) };
    // Suffixes are looked for at dots only.
    if (!/^\*\.[^*:]+$/.test(pattern)) {
      this.#others.push(entry);
      return;
    }
    const suffix = pattern.slice(1);
    const known = this.#bySuffix.get(suffix);
    if (known) known.push(entry);
    else this.#bySuffix.set(suffix, [entry]);
  }

  /** `host` in lower case, with its port. */
  find(host: string): T[] {
    if (this.#size === 0) return [];
    const found: Pattern<T>[] = this.#others.filter(({ takes }) => takes.test(host));
    if (this.#bySuffix.size > 0) this.#findBySuffix(host, found);
    return found.sort((a, b) => a.place - b.place).map(({ item }) => item);
  }

  #findBySuffix(host: string, found: Pattern<T>[]): void {
    const colon = host.indexOf(':');
    const name = colon === -1 ? host : host.slice(0, colon);
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      for (const entry of this.#bySuffix.get(name.slice(dot)) ?? []) if (entry.takes.test(host)) found.push(entry);
    }
  }
}

/** Pomerium v0.33.1 config/from.go, WildcardToRegex: `*` stands for anything, dots too. */
function wildcardExpression(pattern: string, anyPort: boolean): RegExp {
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}${anyPort && !/:\d+$/.test(pattern) ? '(?::.+)?' : ''}$`);
}
