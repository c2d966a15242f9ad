import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { presetsDocument } from '../src/scaffold/presets/document.ts';

/* Writes docs/presets.md from the tables; a test holds the two together. `node scripts/presets-doc.ts` */

writeFileSync(join(import.meta.dirname, '../docs/presets.md'), presetsDocument());
