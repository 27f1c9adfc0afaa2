/**
 * A digest: one message with a line for each of several deliveries, by route and subject, in order. What does not fit
 * is not in it, and goes into the next one; a line that is longer than a line may be ends with an ellipsis.
 */
import type { Block, RenderedMessage } from '../../core/message.ts';
import { cut, oneLine } from '../../slack-format/cut.ts';
import { escapeMrkdwn } from '../../slack-format/escape.ts';

export interface DigestLine {
  readonly route: string;
  readonly subject: string | null;
  /** mrkdwn: the message's summary. */
  readonly summary: string;
  /** Where there is more to see; null for nowhere. */
  readonly url: string | null;
  /** ms since the epoch. */
  readonly at: number;
}

/** Of Slack's 12,000 for all blocks of a message, and 3,000 for one. */
const MOST_CHARS = 9_000;
const SECTION_CHARS = 2_900;
const LINE_CHARS = 300;

/** How many of the lines, from the first on, have room in one message: at least one. */
export function linesThatFit(lines: readonly DigestLine[]): number {
  let chars = 0;
  const routes = new Set<string>();
  for (const [index, line] of lines.entries()) {
    chars += written(line).length + 1;
    if (!routes.has(line.route)) chars += heading(line.route).length + 1;
    routes.add(line.route);
    if (chars > MOST_CHARS && index > 0) return index;
  }
  return lines.length;
}

/** The message for lines that fit. */
export function digestMessage(lines: readonly DigestLine[]): RenderedMessage {
  const title = `*${lines.length} messages* ${timeSpan(lines)}`;
  const sections = [...Map.groupBy(lines, ({ route }) => route)].flatMap(([route, ofRoute]) =>
    sectionsOf([heading(route), ...bySubject(ofRoute).map(written)]),
  );
  const blocks: Block[] = [{ type: 'context', elements: [{ type: 'mrkdwn', text: title }] }, ...sections.map(section)];
  const summary = `${lines.length} messages: ${lines[0]?.summary ?? ''}`;
  return { text: cut([title, ...sections].join('\n'), SECTION_CHARS, 'mrkdwn'), summary, blocks, blocksOnly: true };
}

/** Several texts as one reply; as many of them, from the first on, as have room: at least one. */
export function joinTexts(texts: readonly string[]): { readonly message: RenderedMessage; readonly taken: number } {
  let text = texts[0] ?? '';
  let taken = 1;
  for (const next of texts.slice(1)) {
    if (text.length + next.length + 2 > SECTION_CHARS) break;
    text += `\n\n${next}`;
    taken += 1;
  }
  return { message: { text, summary: text }, taken };
}

function heading(route: string): string {
  return `*${escapeMrkdwn(route)}*`;
}

function written({ summary, url }: DigestLine): string {
  const link = url === null ? '' : ` <${url}|↗>`;
  return `• ${cut(oneLine(summary), LINE_CHARS, 'mrkdwn')}${link}`;
}

/** What is of one subject stands together, where the first of it stands. */
function bySubject(lines: readonly DigestLine[]): DigestLine[] {
  let single = 0;
  const groups = Map.groupBy(lines, ({ subject }) => subject ?? `${++single}`);
  return [...groups.values()].flat();
}

/** Lines in texts that are each within a section's size. */
function sectionsOf(lines: readonly string[]): string[] {
  const sections: string[] = [];
  for (const line of lines) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + line.length < SECTION_CHARS) sections.push(`${sections.pop()}\n${line}`);
    else sections.push(line);
  }
  return sections;
}

function section(text: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

/** In the reader's own zone. */
function timeSpan(lines: readonly DigestLine[]): string {
  const times = lines.map(({ at }) => at);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return first === last ? slackTime(first) : `${slackTime(first)} – ${slackTime(last)}`;
}

function slackTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time}|${iso}>`;
}
