/** Emoji by the names that Slack gives them. */
import names from 'emojilib/simplemap.json' with { type: 'json' };

/** Slack's own names that the table lacks. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['envelope', '✉️'],
  ['large_green_circle', '🟢'],
  ['large_orange_circle', '🟠'],
  ['large_purple_circle', '🟣'],
  ['large_yellow_circle', '🟡'],
  ['spiral_calendar_pad', '🗓️'],
  ['spiral_note_pad', '🗒️'],
  ['thumbsdown', '👎'],
  ['thumbsup', '👍'],
]);

const NAMES: ReadonlyMap<string, string> = new Map([...Object.entries(names), ...OTHER_NAMES]);

/** The character of an emoji name, in its first skin tone; null for a name that nobody knows. */
export function emojiCharacter(name: string): string | null {
  return NAMES.get(name.replace(/::skin-tone-\d$/, '')) ?? null;
}
