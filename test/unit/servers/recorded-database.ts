import { DatabaseSync } from 'node:sqlite';

/** The database that stood behind the recorded server: its schema as recorded, its rows as far as answers show them. */
const SQL = `
  CREATE TABLE customers(id integer primary key, name text not null, email text unique, balance real default 0, vip boolean, since date, seen datetime, photo blob);
  CREATE TABLE orders(id integer primary key, customer_id integer references customers(id), item varchar(40), qty int, price numeric, placed timestamp);
  CREATE TABLE empty(a,b);
  CREATE TABLE scratch(id integer primary key, v text);
  CREATE TABLE "odd name"(x text);
  CREATE TABLE "it's"(x text);
  CREATE TABLE "quo""te"(x text);
  CREATE TABLE "dash-ed"(x text);
  CREATE TABLE odd(big integer, f real, textinblob blob, blobintext text, untyped, j json, u text);
  CREATE TABLE big(id integer primary key, txt text);
  CREATE TABLE umlaut(id integer primary key, txt text);
  CREATE VIEW order_totals as select c.name, sum(o.qty*o.price) total from customers c join orders o on o.customer_id=c.id group by 1;
  CREATE INDEX orders_c on orders(customer_id);
  CREATE TRIGGER t_scratch after delete on scratch begin select 1; end;
  INSERT INTO customers VALUES
    (1, 'Alice', 'alice@company.com', 12.5, 1, '2026-01-02', '2026-01-02 03:04:05', x'00ff10'),
    (2, 'Bob "B" <b>', 'bob@example.com', 0, 0, '2025-12-31', NULL, NULL),
    (3, 'Zoë 日本', NULL, -3, NULL, 'not a date', 17, 'text');
  INSERT INTO orders VALUES (1, 1, 'tea', 2, 3.5, '2026-02-03 04:05:06'), (2, 1, 'cup', 1, 9, '2026-02-04'), (3, 2, 'pot', 1, 19.99, NULL);
  INSERT INTO scratch(v) VALUES ('a'), ('b'), ('c');
  INSERT INTO odd VALUES (9007199254740993, 1.5, 'plain text', x'fffe', 'untyped', '{"a":1}', 'a' || char(0) || 'b');
  INSERT INTO big SELECT value, 'row ' || value || ' ' || printf('%.*c', 180, 'x') FROM (
    WITH RECURSIVE c(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM c LIMIT 20000) SELECT value FROM c);
  INSERT INTO umlaut SELECT value, replace(printf('%.*c', 12, 'x'), 'x', 'ü€😀') FROM (
    WITH RECURSIVE c(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM c LIMIT 200) SELECT value FROM c);
`;

export function createRecordedDatabase(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = off; PRAGMA synchronous = off');
  database.exec(`BEGIN; ${SQL} COMMIT`);
  database.close();
}
