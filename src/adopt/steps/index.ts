import type { Step } from '../draft.ts';
import { certificate } from './certificate.ts';
import { composeSecrets } from './compose-secrets.ts';
import { configMount } from './config-mount.ts';
import { errors } from './errors.ts';
import { fileSecrets } from './file-secrets.ts';
import { image } from './image.ts';
import { missingSecrets } from './missing-secrets.ts';
import { names } from './names.ts';
import { routeSecrets } from './route-secrets.ts';
import { settings } from './settings.ts';
import { syntax } from './syntax.ts';

/** In this order: the database's password has to be in .env before a connection string can name it. */
export const STEPS: readonly Step[] = [
  syntax,
  settings,
  configMount,
  image,
  composeSecrets,
  fileSecrets,
  routeSecrets,
  missingSecrets,
  certificate,
  names,
  errors,
];
