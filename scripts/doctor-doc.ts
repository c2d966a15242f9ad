import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checksTable } from '../src/doctor/document.ts';

/* Writes the table of docs/doctor.md from the checks; a test holds the two together. `node scripts/doctor-doc.ts` */

const file = join(import.meta.dirname, '../docs/doctor.md');
const [head = ''] = readFileSync(file, 'utf8').split('## Checks\n');
writeFileSync(file, `${head}## Checks\n\n${checksTable()}`);
