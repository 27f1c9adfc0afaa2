/**
 * Who a person of the sender's is in Slack: the config's map first, then a look-up by e-mail address, cached. And where
 * on earth they are, as they have told Slack. A user group counts as a person who can be mentioned: by a name in the
 * map, or by its handle (`@support`).
 */
import { LRUCache } from 'lru-cache';
import { type Clock, expiringBy, HOUR_MS, MINUTE_MS } from '../core/clock.ts';
import type { Person } from '../core/event.ts';
import { type Failure, type Outcome, sent } from '../core/outcome.ts';
import type { SlackGateway } from './gateway.ts';

export interface PeopleOptions {
  /** From an id, an e-mail address or a name to the id of a Slack user or user group. */
  readonly map: ReadonlyMap<string, string>;
  readonly matchByEmail: boolean;
  readonly gateway: Pick<SlackGateway, 'lookupByEmail' | 'groupId' | 'timeZone'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/**
 * A string stands for whichever of id, e-mail address and name it looks like. `since`, ms since the epoch: that there is
 * nobody counts only if Slack said so then or later.
 */
export interface People {
  /** The id of the Slack user or user group; null where there is known to be none; undefined where Slack has not been asked yet. */
  known(person: Person | string, since?: number): string | null | undefined;
  /** The same, asking Slack where that is needed. */
  resolve(person: Person | string, since?: number): Promise<Outcome<string | null>>;
  /** Asks Slack for each, a few at once. Stops at what may succeed later, and gives it back; null where all is asked. */
  lookUp(people: Iterable<Person | string>, since?: number): Promise<Later | null>;
  /** Their time zone, such as `Europe/Paris`. Null where the person has no Slack user, or has told none. */
  zone(person: Person | string): Promise<Outcome<string | null>>;
  /**
   * The same for one human however the sender names them, as far as the map can tell without asking Slack: it is
   * journaled, so it must come out the same at any time.
   */
  laneKey(person: Person | string): string;
}

const FOUND_KEPT_MS = HOUR_MS;
const NOBODY_KEPT_MS = 10 * MINUTE_MS;

/** For how long, in ms, what Slack said to a look-up by e-mail address is taken to be so. */
export function personKeptMs(userId: string | null): number {
  return userId === null ? NOBODY_KEPT_MS : FOUND_KEPT_MS;
}

const ADDRESSES_KEPT = 10_000;
/** Look-ups of one message that are under way at once. */
const LOOKUPS_AT_ONCE = 4;

const SLACK_USER = /^[UW][A-Z0-9]{6,}$/;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;
const HANDLE = /^@[a-z0-9][a-z0-9._-]*$/i;
const SLACK_GROUP = /^S[A-Z0-9]{6,}$/;

/** Whether a text is the handle of a user group, such as `@support`. */
export function isGroupHandle(text: string): boolean {
  return HANDLE.test(text);
}

/** Whether an id is a user group's: such a group can be mentioned, and gets no direct messages. */
export function isGroup(id: string): boolean {
  return SLACK_GROUP.test(id);
}

export function createPeople({ map, matchByEmail, gateway, clock }: PeopleOptions): People {
  const mapped = new Map([...map].map(([key, userId]) => [normalised(key), userId]));
  const cache = new LRUCache<string, { readonly userId: string | null; readonly at: number }>({
    max: ADDRESSES_KEPT,
    ...expiringBy(clock),
  });
  const asking = new Map<string, Promise<Outcome<string | null>>>();

  function inMap({ id, email, name }: Handles): string | undefined {
    for (const handle of [id, email, name]) {
      const userId = handle === null ? undefined : mapped.get(handle);
      if (userId !== undefined) return userId;
    }
    return undefined;
  }

  function remembered(key: string, since: number): string | null | undefined {
    const entry = cache.get(key);
    return entry?.userId === null && entry.at < since ? undefined : entry?.userId;
  }

  function known(person: Person | string, since = 0): string | null | undefined {
    const handles = handlesOf(person);
    const userId = inMap(handles);
    if (userId !== undefined) return userId;
    // An address says more than an id that only looks like one of Slack's.
    if (matchByEmail && handles.email !== null) return remembered(handles.email, since);
    if (handles.group !== null) return remembered(handles.group, since);
    return handles.id !== null && SLACK_USER.test(handles.id) ? handles.id : null;
  }

  /** `key`: an e-mail address, or the handle of a group. */
  async function ask(key: string, since: number): Promise<Outcome<string | null>> {
    const outcome = isGroupHandle(key) ? await gateway.groupId(key.slice(1)) : await gateway.lookupByEmail(key, since);
    if (outcome.kind === 'sent') {
      cache.set(key, { userId: outcome.value, at: clock.now() }, { ttl: personKeptMs(outcome.value) });
    }
    return outcome;
  }

  async function resolve(person: Person | string, since = 0): Promise<Outcome<string | null>> {
    const already = known(person, since);
    const { email, group } = handlesOf(person);
    const key = email ?? group;
    if (already !== undefined || key === null) return sent(already ?? null);
    const question = `${key} ${since}`;
    const shared = asking.get(question) ?? ask(key, since).finally(() => asking.delete(question));
    asking.set(question, shared);
    return shared;
  }

  return {
    known,
    resolve,
    lookUp: (people, since) => askForEach(people, (who) => resolve(who, since)),
    async zone(person) {
      const found = await resolve(person);
      if (found.kind !== 'sent' || found.value === null) return found;
      return isGroup(found.value) ? sent(null) : gateway.timeZone(found.value);
    },
    laneKey(person) {
      const handles = handlesOf(person);
      return inMap(handles) ?? handles.email ?? handles.id ?? handles.name ?? 'nobody';
    },
  };
}

/** Nothing was found out, and it is worth asking again. */
type Later = Extract<Failure, { kind: 'retry' }>;

/** The first that is worth asking again ends it. */
async function askForEach(
  people: Iterable<Person | string>,
  ask: (who: Person | string) => Promise<Outcome<unknown>>,
): Promise<Later | null> {
  const left = [...people];
  let later: Later | null = null;
  const work = async (): Promise<void> => {
    for (let who = left.shift(); who !== undefined; who = left.shift()) {
      const outcome = await ask(who);
      if (outcome.kind !== 'retry') continue;
      later ??= outcome;
      left.length = 0;
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, work));
  return later;
}

interface Handles {
  readonly id: string | null;
  readonly email: string | null;
  readonly name: string | null;
  /** The handle of a user group, with its `@`, in lower case. */
  readonly group: string | null;
}

function handlesOf(person: Person | string): Handles {
  const { id, email, name } = typeof person === 'string' ? { id: person, email: null, name: null } : person;
  const handles = { id: orNull(id), email: orNull(email), name: orNull(name) };
  const group = [handles.id, handles.email].find((handle) => handle !== null && isGroupHandle(handle));
  // Some senders use the e-mail address as the id; what is no address is no use as one.
  const address = [handles.email, handles.id].find((handle) => handle !== null && ADDRESS.test(handle)) ?? null;
  return { ...handles, email: address, group: group?.toLowerCase() ?? null };
}

function orNull(value: string | null): string | null {
  const handle = value === null ? '' : normalised(value);
  return handle === '' ? null : handle;
}

/** E-mail addresses are compared without regard to case, everything else as it is. */
function normalised(handle: string): string {
  const trimmed = handle.trim();
  return ADDRESS.test(trimmed) ? trimmed.toLowerCase() : trimmed;
}
