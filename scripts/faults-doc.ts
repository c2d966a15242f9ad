import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsDocument } from '../test/faults/document.ts';

/* Writes docs/faults.md from the corpus of planted faults; a test holds the two together. `node scripts/faults-doc.ts` */

writeFileSync(join(import.meta.dirname, '../docs/faults.md'), faultsDocument());
