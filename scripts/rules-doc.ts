import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesDocument } from '../src/lint/document.ts';

/* Writes docs/rules.md from the rules; a test holds the two together. `node scripts/rules-doc.ts` */

writeFileSync(join(import.meta.dirname, '../docs/rules.md'), rulesDocument());
