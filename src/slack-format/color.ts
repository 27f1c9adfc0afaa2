/** The colours that Slack draws beside a message. */

const NAMED: ReadonlySet<string> = new Set(['good', 'warning', 'danger']);
const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/;

/** For JSON Schemas. */
export const COLOR_PATTERN = '^\\s*([Gg]ood|[Ww]arning|[Dd]anger|#[0-9A-Fa-f]{3}([0-9A-Fa-f]{3})?)\\s*$';

/** What a person is told where a colour is wrong. */
export const COLOR_HELP = 'Write good, warning, danger or a hexadecimal colour in quotes, such as "#d00000".';

/** The colour as Slack takes it (`good`, `warning`, `danger` or `#rrggbb`); null where the text names none. */
export function colorOf(text: string): string | null {
  const name = text.trim().toLowerCase();
  if (NAMED.has(name)) return name;
  if (!HEX.test(name)) return null;
  return name.length === 7 ? name : `#${[...name.slice(1)].map((digit) => digit + digit).join('')}`;
}
