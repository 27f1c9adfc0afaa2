/**
 * Channels by name. An id is learnt from the answer to a message that was posted to the name; else all channels are
 * listed, once for all who ask meanwhile. A listing that has to stop (rate limit, network) goes on where it stood.
 *
 * Known limit: a channel that gave its name away within the last hour is taken for the one that has it now.
 */
import { LRUCache } from 'lru-cache';
import { type Clock, expiringBy, HOUR_MS, MINUTE_MS } from '../core/clock.ts';
import { type Outcome, refused, sent } from '../core/outcome.ts';
import type { Call } from './call.ts';
import { nextCursor, objectsAt, textAt } from './response-fields.ts';

interface Channels {
  /** `reference` as the message was posted to it; what is an id teaches nothing. */
  learn(reference: string, id: string): void;
  /** The `channelId` of SlackGateway. */
  idOf(reference: string): Promise<Outcome<string | null>>;
}

const PAGE_SIZE = 1_000;
const MOST_PAGES = 50;
const NAMES_KEPT = 10_000;
const NAME_KEPT_MS = HOUR_MS;
/** Who asks for another name right after gets the same list. */
const LIST_KEPT_MS = MINUTE_MS;

/** Names have no capitals. */
const ID = /^[CDG][A-Z0-9]{2,}$/;

type Names = ReadonlyMap<string, string>;

export function createChannels({ call, clock }: { call: Call; clock: Pick<Clock, 'monotonic'> }): Channels {
  const learnt = new LRUCache<string, string>({ max: NAMES_KEPT, ttl: NAME_KEPT_MS, ...expiringBy(clock) });
  const lists = new LRUCache<'all', Names>({ max: 1, ttl: LIST_KEPT_MS, ...expiringBy(clock) });
  const readList = createListing(call);
  let reading: Promise<Outcome<Names>> | null = null;

  function list(): Promise<Outcome<Names>> {
    reading ??= readList().then((names) => {
      reading = null;
      if (names.kind === 'sent') lists.set('all', names.value);
      return names;
    });
    return reading;
  }

  /** A channel may be newer than a list that is kept, or half read: that there is none, only a list read since says. */
  async function listed(name: string): Promise<Outcome<string | null>> {
    const kept = lists.get('all')?.get(name);
    if (kept !== undefined) return sent(kept);
    const begunBefore = reading !== null;
    let names = await list();
    if (begunBefore && names.kind === 'sent' && !names.value.has(name)) names = await list();
    return names.kind === 'sent' ? sent(names.value.get(name) ?? null) : names;
  }

  return {
    learn(reference, id) {
      if (!ID.test(reference)) learnt.set(nameOf(reference), id);
    },
    async idOf(reference) {
      if (ID.test(reference)) return sent(reference);
      const name = nameOf(reference);
      const known = learnt.get(name);
      if (known !== undefined) return sent(known);
      const id = await listed(name);
      if (id.kind === 'sent' && id.value !== null) learnt.set(name, id.value);
      return id;
    },
  };
}

function nameOf(reference: string): string {
  return reference.replace(/^#/, '');
}

/** Reads all pages; what was read before a failure is kept for the next call. */
function createListing(call: Call): () => Promise<Outcome<Names>> {
  const begin = () => ({ names: new Map<string, string>(), pages: 0, cursor: '' });
  let progress = begin();
  return async () => {
    while (progress.pages < MOST_PAGES) {
      const { names, cursor } = progress;
      const page = await call('conversations.list', listArguments(cursor), (answer) => {
        const channels = objectsAt(answer, 'channels');
        return channels === undefined ? undefined : { channels, next: nextCursor(answer) };
      });
      if (page.kind === 'refused') {
        progress = begin();
        return refusal(page);
      }
      if (page.kind !== 'sent') return page;
      for (const channel of page.value.channels) {
        const [name, id] = [textAt(channel, 'name'), textAt(channel, 'id')];
        if (name !== undefined && id !== undefined) names.set(name, id);
      }
      if (page.value.next === undefined) {
        progress = begin();
        return sent(names);
      }
      progress = { names, pages: progress.pages + 1, cursor: page.value.next };
    }
    progress = begin();
    return refused('destination', 'too_many_channels', TOO_MANY);
  };
}

const TOO_MANY = `The workspace has more than ${MOST_PAGES * PAGE_SIZE} channels, too many to look one up by its name: name it by its id in the config`;
const MAY_NOT: ReadonlySet<string> = new Set(['missing_scope', 'no_permission', 'not_allowed_token_type']);

function listArguments(cursor: string): Record<string, unknown> {
  return {
    types: 'public_channel,private_channel',
    exclude_archived: false,
    limit: PAGE_SIZE,
    ...(cursor === '' ? {} : { cursor }),
  };
}

function refusal(failure: Extract<Outcome<never>, { kind: 'refused' }>): Outcome<never> {
  const { code, detail } = failure.reason;
  // The page that was remembered is no longer one: the next call starts anew.
  if (code === 'invalid_cursor') return { kind: 'retry', limited: false, reason: failure.reason };
  if (failure.scope === 'credential') return failure;
  if (!MAY_NOT.has(code)) return refused('destination', code, detail);
  return refused(
    'destination',
    code,
    'The app may not look up channels by name: add the scopes channels:read and groups:read under OAuth & Permissions and install the app again, or name the channel by its id in the config',
  );
}
