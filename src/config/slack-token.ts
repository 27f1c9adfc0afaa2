/** Whether `slack.token` is the kind of token that the relay needs. Warnings: Slack has the last word. */
import type { Problem } from '../core/problem.ts';
import type { SourceDocument } from '../language/document.ts';
import { hasError } from './environment.ts';
import type { WrittenConfig } from './schema.ts';

const REMEDY =
  'Use the Bot User OAuth Token (xoxb-…): on api.slack.com/apps, open the app, then OAuth & Permissions. `alo-relay manifest` makes the app.';

/** Of an app whose tokens are rotated, `xoxe.` comes first. */
const BOT_TOKEN = /^(?:xoxe\.)?xoxb-\S+$/;

/** What stands in for a variable in the sandbox. */
const MADE_UP = /^whsec_[A-Za-z0-9+/]{43}=$/;

/** What other tokens are, by their beginning. */
const OTHERS: readonly (readonly [beginning: string, what: string])[] = [
  ['xoxp-', 'This is the token of a user (xoxp-…).'],
  ['xoxe.xoxp-', 'This is the token of a user (xoxe.xoxp-…).'],
  ['xapp-', 'This is an app-level token (xapp-…).'],
  ['xoxe-', 'This is a refresh token (xoxe-…).'],
  ['xoxb-', 'This token is not whole.'],
];

export function slackToken({ slack }: WrittenConfig, document: SourceDocument): Problem[] {
  const value = slack.token?.reveal();
  if (value === undefined || BOT_TOKEN.test(value) || MADE_UP.test(value)) return [];
  const place = document.place(['slack', 'token']);
  if (hasError(place, document)) return [];
  const known = OTHERS.find(([beginning]) => value.startsWith(beginning))?.[1];
  const message =
    value === '' ? 'The token is empty, so nothing can be sent.' : (known ?? 'This is not a token of Slack.');
  return [{ ...place, severity: 'warning', code: 'slack-token', message, remedy: REMEDY }];
}
