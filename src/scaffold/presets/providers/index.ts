import type { UpstreamProvider } from '../types.ts';
import { airtable } from './airtable.ts';
import { asana } from './asana.ts';
import { atlassian } from './atlassian.ts';
import { box } from './box.ts';
import { canva } from './canva.ts';
import { dropbox } from './dropbox.ts';
import { figma } from './figma.ts';
import { github } from './github.ts';
import { githubApp } from './github-app.ts';
import { gitlab } from './gitlab.ts';
import { google } from './google.ts';
import { hubspot } from './hubspot.ts';
import { linear } from './linear.ts';
import { microsoft } from './microsoft.ts';
import { notion } from './notion.ts';
import { salesforce } from './salesforce.ts';
import { slack } from './slack.ts';
import { slackBot } from './slack-bot.ts';
import { zoom } from './zoom.ts';

/** Upstream OAuth providers with their static endpoints. Scopes are examples that read and do not write. */
export const PROVIDERS: readonly UpstreamProvider[] = [
  notion,
  github,
  githubApp,
  google,
  slack,
  slackBot,
  linear,
  atlassian,
  hubspot,
  asana,
  microsoft,
  dropbox,
  gitlab,
  figma,
  airtable,
  box,
  zoom,
  canva,
  salesforce,
];
