/**
 * Looking for a message of ours by the delivery id in its metadata: through a thread, or through a conversation's
 * history, over the time in which it may have been posted, page by page, until it is found or that time is through.
 *
 * - A reply that is not in its thread may have gone astray, so it is looked for in the channel too.
 * - Null is said only after every page. A search that has to stop (rate limit, network) remembers its page, and the next
 *   call with the same question goes on there: where Slack allows a page a minute, it still ends.
 * - What was looked through answers for other deliveries that may have been posted in the same time, too, as all that
 *   wait after a restore.
 * - Too many messages to look through is a refusal, not a null: nobody knows then whether the message is there.
 * - The clock: `since` and `until` are by our clock, the messages' `ts` by Slack's. See ServerClock for one that is wrong,
 *   or was set while this process runs. Where `until` lies ahead of us, the clock was set back since, nobody knows how
 *   far, and the last `SET_BACK_LOOK_MS` are searched.
 * - Known limit: a clock that was wrong by more than the margin when the message was posted, and was set right before
 *   this process started, without `until` lying ahead of us now. The message is then looked for at the wrong time.
 */
import { LRUCache } from 'lru-cache';
import { type Clock, DAY_MS, MINUTE_MS } from '../core/clock.ts';
import { type Failure, type Outcome, refused, sent } from '../core/outcome.ts';
import type { Call } from './call.ts';
import type { SlackMethod } from './classify.ts';
import type { Landing, Search } from './gateway.ts';
import { idsIn } from './mark.ts';
import { astrayIn, nextCursor, objectsAt, textAt } from './response-fields.ts';
import type { ServerClock } from './server-clock.ts';

interface SearchParts {
  readonly call: Call;
  readonly clock: Pick<Clock, 'now'>;
  readonly serverClock: ServerClock;
  /** How long a call that posts may take. */
  readonly timeoutMs: number;
}

const PAGE_SIZE = 200;
const MOST_PAGES = 50;
/** Clocks differ a little, and Slack may take its time with what it was given. */
const MARGIN_MS = 5 * MINUTE_MS;
/** Longer than most deliveries are tried, with a weekend between. */
const SET_BACK_LOOK_MS = 7 * DAY_MS;
const SCANS_KEPT = 1_000;
const IDS_KEPT = 200_000;
/** So long after an attempt, Slack's history shows what it posted: one look through it serves every delivery. */
const SHOWN_AFTER_MS = 5_000;

/** A conversation or a thread, as far as it was looked through. */
interface Scan {
  readonly oldest: string;
  readonly latest: string;
  /** By the id that a message has, and by those of the deliveries that one brings together. */
  readonly own: Map<string, Standing>;
  readonly shared: Map<string, Standing>;
  /** What is not there: to look for it once more takes another scan. */
  readonly missed: Set<string>;
  pages: number;
  /** Where the next page begins; null: there is none. */
  cursor: string | undefined | null;
}

type Standing = Omit<Landing, 'channel'>;

interface Page {
  readonly messages: readonly object[];
  readonly cursor: string | null;
}

/** The `find` of SlackGateway. */
export function createSearch(parts: SearchParts): (search: Search) => Promise<Outcome<Landing | null>> {
  const scans = new LRUCache<string, Scan>({
    max: SCANS_KEPT,
    maxSize: IDS_KEPT,
    sizeCalculation: ({ own, shared }) => 1 + own.size + shared.size,
  });
  async function look(search: Search, maybeAstray: boolean): Promise<Outcome<Landing | null>> {
    const { channel, threadTs, deliveryId, since, until } = search;
    const time = JSON.stringify([channel, threadTs, since, until]);
    const own = `${time} ${deliveryId}`;
    // A scan of its own that was interrupted goes on as such.
    const lasting = !scans.has(own) && parts.clock.now() >= Math.max(since, until) + SHOWN_AFTER_MS;
    const key = lasting ? time : own;
    const known = scans.get(key);
    const scan = known === undefined || known.missed.has(deliveryId) ? newScan(search, parts) : known;
    scans.delete(key);
    const outcome = await lookThrough(scan, search, parts.call);
    const ended = outcome.kind === 'sent' || outcome === TOO_LONG;
    if (ended ? lasting : outcome.kind !== 'refused') scans.set(key, scan);
    if (outcome.kind !== 'sent') return afterFailure(outcome, search);
    if (outcome.value === null) return sent(null);
    const { astray, ...found } = outcome.value;
    return sent({ channel, ...found, ...(maybeAstray && astray && { astray }) });
  }
  return async (search) => {
    const found = await look(search, false);
    if (search.threadTs === undefined || found.kind !== 'sent' || found.value !== null) return found;
    const { threadTs: _, ...inChannel } = search;
    return look(inChannel, true);
  };
}

const TOO_LONG = refused(
  'destination',
  'history_too_long',
  `The conversation got more messages in that time than the relay looks through (${MOST_PAGES} pages of them): look for this one in Slack yourself`,
);

function newScan(search: Search, parts: SearchParts): Scan {
  const found = { own: new Map(), shared: new Map(), missed: new Set<string>() };
  return { ...timeOf(search, parts), ...found, pages: 0, cursor: undefined };
}

/** Goes on where the scan stopped. */
async function lookThrough(scan: Scan, search: Search, call: Call): Promise<Outcome<Standing | null>> {
  const { deliveryId, neededBy = deliveryId } = search;
  for (;;) {
    const found = scan.own.get(deliveryId) ?? scan.shared.get(neededBy);
    if (found !== undefined) return sent(found);
    if (scan.cursor === null) {
      scan.missed.add(deliveryId);
      return sent(null);
    }
    if (scan.pages >= MOST_PAGES) return TOO_LONG;
    const page = await readPage(search, scan, call);
    if (page.kind !== 'sent') return page;
    for (const message of page.value.messages) note(message, scan);
    scan.pages += 1;
    scan.cursor = page.value.cursor;
  }
}

function note(message: object, { own, shared }: Scan): void {
  const ts = textAt(message, 'ts');
  const ids = idsIn(message);
  if (ts === undefined || ids === null) return;
  if (!own.has(ids.own)) own.set(ids.own, { ts, ...astrayIn(message) });
  for (const id of ids.shared) if (!shared.has(id)) shared.set(id, { ts, shared: true });
}

/** What the messages' `ts` must lie between. */
function timeOf({ since, until }: Search, { clock, serverClock, timeoutMs }: SearchParts) {
  const [first, last] = [Math.min(since, until), Math.max(since, until)];
  const oldest = serverClock.earliest(first) - MARGIN_MS;
  const latest = serverClock.latest(last) + timeoutMs + MARGIN_MS;
  if (last <= clock.now()) return { oldest: asTs(oldest), latest: asTs(latest) };
  const now = serverClock.now();
  return { oldest: asTs(Math.min(oldest, now - SET_BACK_LOOK_MS)), latest: asTs(Math.max(latest, now + MARGIN_MS)) };
}

function asTs(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(6);
}

function readPage({ channel, threadTs }: Search, scan: Scan, call: Call): Promise<Outcome<Page>> {
  const { oldest, latest, cursor } = scan;
  const method: SlackMethod = threadTs === undefined ? 'conversations.history' : 'conversations.replies';
  const args = {
    channel,
    ...(threadTs === undefined ? {} : { ts: threadTs }),
    oldest,
    latest,
    limit: PAGE_SIZE,
    include_all_metadata: true,
    ...(typeof cursor === 'string' && { cursor }),
  };
  return call(method, args, (answer) => {
    const messages = objectsAt(answer, 'messages');
    const next = nextCursor(answer);
    // More without a way to it would pass for the end.
    const complete = next !== undefined || Reflect.get(answer, 'has_more') !== true;
    return messages !== undefined && complete ? { messages, cursor: next ?? null } : undefined;
  });
}

/** Slack's words for: there is no such thread to be seen. */
const NO_THREAD: ReadonlySet<string> = new Set(['thread_not_found', 'message_not_found']);
const MAY_NOT: ReadonlySet<string> = new Set(['missing_scope', 'no_permission', 'not_allowed_token_type']);
const CANNOT_SEE: ReadonlySet<string> = new Set(['not_in_channel', 'channel_not_found']);

function afterFailure(failure: Failure, { channel }: Search): Outcome<null> {
  if (failure.kind !== 'refused') return failure;
  const { scope, reason } = failure;
  const { code, detail } = reason;
  if (NO_THREAD.has(code)) return sent(null);
  // The page that was remembered is no longer one: the next call starts anew.
  if (code === 'invalid_cursor') return { kind: 'retry', limited: false, reason };
  if (scope === 'credential') return failure;
  if (MAY_NOT.has(code)) return refused('destination', code, `${UNSEEN}: add ${scopesFor(channel)}, ${INSTALL}`);
  if (CANNOT_SEE.has(code)) return refused('destination', code, `${UNSEEN}: invite the app with /invite @app`);
  return refused('destination', code, detail);
}

const UNSEEN = 'The app may not read the conversation, so the relay cannot look whether a message is there';
const INSTALL = 'under OAuth & Permissions, and install the app again';

/** A private channel’s id may begin like a public one’s. */
function scopesFor(channel: string): string {
  if (channel.startsWith('D')) return 'the scope im:history';
  return channel.startsWith('G') ? 'the scope groups:history' : 'the scopes channels:history and groups:history';
}
