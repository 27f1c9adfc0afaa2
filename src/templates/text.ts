/** Texts with placeholders as Slack shows them: each output escaped for the place where it stands. */
import { createTexts, type Place } from '../language/text.ts';
import { channelFrom, escapeFor, safeUrl, type TextPlace, unescapeMrkdwn } from '../slack-format/escape.ts';
import { SLACK_FILTERS } from './filters.ts';

export type { TextPlace } from '../slack-format/escape.ts';

const PLACES: Readonly<Record<TextPlace, Place>> = {
  mrkdwn: { escape: (text) => escapeFor('mrkdwn', text), unmark: unescapeMrkdwn },
  plain_text: { escape: (text) => escapeFor('plain_text', text), unmark: null },
  /** The empty text where the outcome is no http, https or mailto URL. */
  url: { escape: (text) => escapeFor('url', text), unmark: null, finish: (text) => safeUrl(text) ?? '' },
  /** A channel's. */
  name: { escape: (text) => escapeFor('name', text), unmark: null, finish: channelFrom },
};

export const slackTexts = createTexts(PLACES, SLACK_FILTERS);
