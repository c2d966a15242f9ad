import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sampleRows, type Tables } from './sample/rows.ts';

const SCHEMA = `
  CREATE TABLE branches (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL, born INTEGER NOT NULL);
  CREATE TABLE books (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, author_id INTEGER NOT NULL REFERENCES authors, year INTEGER NOT NULL, genre TEXT NOT NULL
  );
  CREATE TABLE copies (
    id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books, branch_id INTEGER NOT NULL REFERENCES branches, acquired_on TEXT NOT NULL
  );
  CREATE TABLE members (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, joined_on TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended'))
  );
  CREATE TABLE loans (
    id INTEGER PRIMARY KEY, copy_id INTEGER NOT NULL REFERENCES copies, member_id INTEGER NOT NULL REFERENCES members,
    lent_on TEXT NOT NULL, due_on TEXT NOT NULL, returned_on TEXT, fine_cents INTEGER NOT NULL
  );
  CREATE TABLE reservations (
    id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books, member_id INTEGER NOT NULL REFERENCES members,
    placed_on TEXT NOT NULL, ready_on TEXT
  );
  CREATE INDEX loans_by_copy ON loans (copy_id);
  CREATE INDEX loans_by_member ON loans (member_id);
  CREATE VIEW overdue_loans AS
    SELECT loans.id, books.title, members.name AS member, loans.due_on
    FROM loans JOIN copies ON copies.id = copy_id JOIN books ON books.id = book_id JOIN members ON members.id = member_id
    WHERE returned_on IS NULL AND due_on < date('now');
`;

export interface SampleQuestion {
  question: string;
  sql: string;
}

/** Questions that the sample database has interesting answers to. */
export const sampleQuestions: readonly SampleQuestion[] = [
  {
    question: 'Which loans are overdue, longest first?',
    sql: 'SELECT title, member, due_on FROM overdue_loans ORDER BY due_on',
  },
  {
    question: 'Which five books were lent most often?',
    sql: `SELECT title, count(*) AS loans FROM loans JOIN copies ON copies.id = copy_id JOIN books ON books.id = book_id
GROUP BY books.id ORDER BY loans DESC, title LIMIT 5`,
  },
  {
    question: 'How much did members pay in fines in each month?',
    sql: `SELECT strftime('%Y-%m', returned_on) AS month, sum(fine_cents) / 100.0 AS fines FROM loans
WHERE fine_cents > 0 GROUP BY month ORDER BY month`,
  },
  {
    question: 'Which reserved books have no copy on the shelf?',
    sql: `SELECT DISTINCT title FROM reservations JOIN books ON books.id = book_id WHERE NOT EXISTS (
  SELECT 1 FROM copies WHERE copies.book_id = books.id
  AND NOT EXISTS (SELECT 1 FROM loans WHERE copy_id = copies.id AND returned_on IS NULL)) ORDER BY title`,
  },
  {
    question: 'What share of its copies does each branch have out on loan?',
    sql: `SELECT branches.name AS branch, count(*) AS copies, count(loans.id) AS lent FROM copies JOIN branches ON branches.id = branch_id
LEFT JOIN loans ON copy_id = copies.id AND returned_on IS NULL GROUP BY branches.id ORDER BY branch`,
  },
];

/**
 * Writes a small public library to `file`: whole or not at all, and never over a file that is there.
 * @returns whether it was written; false when the file existed.
 */
export async function createSampleDatabase(file: string): Promise<boolean> {
  const draft = join(dirname(file), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    // Opened once by the system itself: its errors name what is wrong with the folder, SQLite's do not.
    await (await open(draft, 'wx', 0o644)).close();
    fill(draft, sampleRows());
    // Unlike a rename, a link fails when the name is taken.
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function fill(file: string, tables: Tables): void {
  const database = new DatabaseSync(file);
  try {
    // The draft is thrown away when anything goes wrong, so it needs no journal.
    database.exec(`PRAGMA journal_mode = off; PRAGMA foreign_keys = on; BEGIN; ${SCHEMA}`);
    for (const [table, rows] of Object.entries(tables)) {
      const places = rows[0]?.map(() => '?').join(', ') ?? '';
      const insert = database.prepare(`INSERT INTO ${table} VALUES (${places})`);
      for (const row of rows) insert.run(...row);
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}
