import { writeSync } from 'node:fs';
import { Bed, type BedOptions } from './bed.ts';

/** A gateway in a process of its own, which a test can kill; its port is the first line of its output. */
const bed = await Bed.start(JSON.parse(process.argv[2] ?? '{}') as BedOptions);
writeSync(1, `${bed.port}\n`);
