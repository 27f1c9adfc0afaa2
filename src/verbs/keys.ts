/** Keys that steps of several verbs have, as a user writes them. */
import { z } from 'zod';
import { asWritten, VARIABLE } from '../language/json-schema.ts';
import { filled } from '../language/values.ts';

const CHANNEL_HELP =
  'A channel is "#name" (letters, digits, - and _; in quotes, because a bare # starts a comment) or an id such as C024BE91L.';
/** The playground leaves variables as they are written. */
const CHANNEL = /^(#(?:[$][{]\w+[}]|[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}_-]){1,80}|[CGD][A-Z0-9]{6,})$/u;
const HASHED_ID = /^#[CGD](?=[A-Z]*\d)[A-Z0-9]{8,}$/;

function channelHelp({ input }: { readonly input?: unknown }): string {
  if (typeof input !== 'string') return CHANNEL_HELP;
  if (HASHED_ID.test(input)) return `An id stands without #. ${CHANNEL_HELP}`;
  if (CHANNEL.test(input.toLowerCase())) return `Names of channels are in lower case in Slack. ${CHANNEL_HELP}`;
  return CHANNEL.test(`#${input}`) ? `The # before the name is missing. ${CHANNEL_HELP}` : CHANNEL_HELP;
}

/** `#name`, or an id. */
export const channelName = z.string({ error: CHANNEL_HELP }).regex(CHANNEL, { error: channelHelp });

/** `#name`, an id, or Liquid that renders one. */
export const channel = asWritten(
  z
    .string({ error: CHANNEL_HELP })
    .refine((written) => /\{[{%]/.test(written) || CHANNEL.test(written), { error: channelHelp }),
  { type: 'string', pattern: `\\{[{%]|${VARIABLE}|${CHANNEL.source}` },
).describe('"#name" or an id (C…), or Liquid: "#team-{{ event.action.team | slug }}".');

const TEMPLATE_HELP = 'The name of a template is needed: a file of the templates folder, without .yaml.';
export const template = filled(TEMPLATE_HELP).describe('The name of a file in the templates folder, without .yaml.');

export const MESSAGE_HELP =
  'A channel and a template are needed, such as { channel: "#general", template: any_event }.';
