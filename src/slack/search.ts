/**
 * Looking for a message of ours by the delivery id in its metadata: through a thread, or through a conversation's
 * history, over the time in which it may have been posted, page by page, until it is found or that time is through.
 *
 * - A reply that is not in its thread may have gone astray, so it is looked for in the channel too.
 * - Null is said only after every page. A search that has to stop (rate limit, network) remembers its page, and the next
 *   call with the same question goes on there: where Slack allows a page a minute, it still ends.
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
import { bears } from './mark.ts';
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
const UNFINISHED_KEPT = 1_000;

/** Where a search stands. */
interface Progress {
  readonly oldest: string;
  readonly latest: string;
  readonly pages: number;
  readonly cursor: string | undefined;
}

interface Page {
  readonly found: { readonly message: object; readonly shared: boolean } | undefined;
  readonly cursor: string | undefined;
}

/** The `find` of SlackGateway. */
export function createSearch(parts: SearchParts): (search: Search) => Promise<Outcome<Landing | null>> {
  const unfinished = new LRUCache<string, Progress>({ max: UNFINISHED_KEPT });
  async function look(search: Search, maybeAstray: boolean): Promise<Outcome<Landing | null>> {
    const { channel, threadTs, deliveryId, since, until } = search;
    const question = JSON.stringify([channel, threadTs, deliveryId, since, until]);
    let progress = unfinished.get(question) ?? { ...timeOf(search, parts), pages: 0, cursor: undefined };
    unfinished.delete(question);
    while (progress.pages < MOST_PAGES) {
      const page = await readPage(search, progress, parts.call);
      if (page.kind !== 'sent') return afterFailure(page, search, () => unfinished.set(question, progress));
      const { found, cursor } = page.value;
      const ts = textAt(found?.message, 'ts');
      if (found?.shared === true && ts !== undefined) return sent({ channel, ts, shared: true });
      if (found !== undefined && ts !== undefined)
        return sent({ channel, ts, ...(maybeAstray && astrayIn(found.message)) });
      if (cursor === undefined) return sent(null);
      progress = { ...progress, pages: progress.pages + 1, cursor };
    }
    return refused('destination', 'history_too_long', TOO_LONG);
  }
  return async (search) => {
    const found = await look(search, false);
    if (search.threadTs === undefined || found.kind !== 'sent' || found.value !== null) return found;
    const { threadTs: _, ...inChannel } = search;
    return look(inChannel, true);
  };
}

const TOO_LONG = `The conversation got more messages in that time than the relay looks through (${MOST_PAGES} pages of them): look for this one in Slack yourself`;

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

function readPage(search: Search, progress: Progress, call: Call): Promise<Outcome<Page>> {
  const { channel, threadTs } = search;
  const { oldest, latest, cursor } = progress;
  const method: SlackMethod = threadTs === undefined ? 'conversations.history' : 'conversations.replies';
  const args = {
    channel,
    ...(threadTs === undefined ? {} : { ts: threadTs }),
    oldest,
    latest,
    limit: PAGE_SIZE,
    include_all_metadata: true,
    ...(cursor === undefined ? {} : { cursor }),
  };
  return call(method, args, (answer) => {
    const messages = objectsAt(answer, 'messages');
    const next = nextCursor(answer);
    // More without a way to it would pass for the end.
    const complete = next !== undefined || Reflect.get(answer, 'has_more') !== true;
    const found = messages?.map((message) => foundIn(message, search)).find((one) => one !== undefined);
    return messages !== undefined && (complete || found !== undefined) ? { found, cursor: next } : undefined;
  });
}

function foundIn(message: object, search: Search): Page['found'] {
  const how = textAt(message, 'ts') === undefined ? null : bears(message, search);
  return how === null ? undefined : { message, shared: how === 'shared' };
}

/** Slack's words for: there is no such thread to be seen. */
const NO_THREAD: ReadonlySet<string> = new Set(['thread_not_found', 'message_not_found']);
const MAY_NOT: ReadonlySet<string> = new Set(['missing_scope', 'no_permission', 'not_allowed_token_type']);
const CANNOT_SEE: ReadonlySet<string> = new Set(['not_in_channel', 'channel_not_found']);

function afterFailure(failure: Failure, { channel }: Search, keep: () => void): Outcome<null> {
  if (failure.kind !== 'refused') {
    keep();
    return failure;
  }
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
