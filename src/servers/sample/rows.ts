import { BRANCHES, CATALOGUE, FAMILY_NAMES, GIVEN_NAMES } from './catalogue.ts';

type Row = readonly (string | number | null)[];

/** Table -> its rows, in the order in which foreign keys allow them to be written. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

/** The day on which the library's books were last written up; loans made shortly before it are still out. */
const LAST_DAY = Date.UTC(2026, 10, 1);
const DAY = 86_400_000;
const LOAN_DAYS = 28;
const LOANS_PER_COPY = 3;

/** The same rows on every run and machine. */
export function sampleRows(): Tables {
  const random = createRandom(2026);
  const authors = CATALOGUE.map(([name, country, born], i): Row => [i + 1, name, country, born]);
  const titles = CATALOGUE.flatMap(([, , , books], author) => books.map((book) => ({ author: author + 1, book })));
  const books = titles.map(({ author, book: [title, year, genre] }, i): Row => [i + 1, title, author, year, genre]);
  const branches = BRANCHES.map((name, i): Row => [i + 1, name]);
  const copies = books
    .flatMap((_, i) => Array.from({ length: 1 + random(3) }, () => i + 1))
    .map((book, i): Row => [i + 1, book, 1 + random(BRANCHES.length), date(random(1500) + 500)]);
  const members = GIVEN_NAMES.flatMap((given) => FAMILY_NAMES.map((family) => `${given} ${family}`)).map(
    (name, i): Row => [
      i + 1,
      name,
      `${plain(name)}@example.org`,
      date(random(900) + 120),
      random(10) === 0 ? 'suspended' : 'active',
    ],
  );
  const loans = copies
    .flatMap((_, i) => loansOf(i + 1, members.length, random))
    .map((loan, i): Row => [i + 1, ...loan]);
  const reservations = Array.from({ length: 24 }, (_, i): Row => {
    return [
      i + 1,
      1 + random(books.length),
      1 + random(members.length),
      date(random(40)),
      i % 4 === 0 ? date(random(3)) : null,
    ];
  });
  return { branches, authors, books, copies, members, loans, reservations };
}

/** A copy's loans, one after another; the last one may still be out. */
function loansOf(copy: number, members: number, random: (below: number) => number): Row[] {
  const loans: Row[] = [];
  let daysAgo = 200 + random(60);
  for (let i = 0; i < LOANS_PER_COPY && daysAgo > 0; i += 1) {
    const kept = 5 + random(45);
    const isOut = kept >= daysAgo || (i === LOANS_PER_COPY - 1 && random(4) === 0);
    const fine = !isOut && kept > LOAN_DAYS ? (kept - LOAN_DAYS) * 25 : 0;
    loans.push([
      copy,
      1 + random(members),
      date(daysAgo),
      date(daysAgo - LOAN_DAYS),
      isOut ? null : date(daysAgo - kept),
      fine,
    ]);
    if (isOut) break;
    daysAgo -= kept + 3 + random(50);
  }
  return loans;
}

/** `days` before the last day, as SQLite's date functions write it. */
function date(days: number): string {
  return new Date(LAST_DAY - days * DAY).toISOString().slice(0, 10);
}

function plain(name: string): string {
  return name.toLowerCase().replace('ø', 'o').replace(' ', '.');
}

/** Numbers that look random and are always the same: a linear congruential generator, constants of Numerical Recipes. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
