/**
 * Who a person of the sender's is in Slack: the config's map first, then a look-up by e-mail address, cached. And where
 * on earth they are, as they have told Slack.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import type { Person } from '../core/event.ts';
import { type Outcome, sent } from '../core/outcome.ts';
import type { SlackGateway } from './gateway.ts';

export interface PeopleOptions {
  /** From an id, an e-mail address or a name to a Slack user id. */
  readonly map: ReadonlyMap<string, string>;
  readonly matchByEmail: boolean;
  readonly gateway: Pick<SlackGateway, 'lookupByEmail' | 'timeZone'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** A string stands for whichever of id, e-mail address and name it looks like. */
export interface People {
  /** The Slack user id; null where there is known to be none; undefined where Slack has not been asked yet. */
  known(person: Person | string): string | null | undefined;
  /** Asks Slack where that is needed. Null where the person has no Slack user. */
  resolve(person: Person | string): Promise<Outcome<string | null>>;
  /** Their time zone, such as `Europe/Paris`. Null where the person has no Slack user, or has told none. */
  zone(person: Person | string): Promise<Outcome<string | null>>;
  /**
   * The same for one human however the sender names them, as far as the map can tell without asking Slack: it is
   * journaled, so it must come out the same at any time.
   */
  laneKey(person: Person | string): string;
}

const FOUND_KEPT_MS = 60 * 60 * 1000;
const NOBODY_KEPT_MS = 10 * 60 * 1000;

/** For how long, in ms, what Slack said to a look-up by e-mail address is taken to be so. */
export function personKeptMs(userId: string | null): number {
  return userId === null ? NOBODY_KEPT_MS : FOUND_KEPT_MS;
}

const ADDRESSES_KEPT = 10_000;

const SLACK_USER = /^[UW][A-Z0-9]{6,}$/;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

export function createPeople({ map, matchByEmail, gateway, clock }: PeopleOptions): People {
  const mapped = new Map([...map].map(([key, userId]) => [normalised(key), userId]));
  // lru-cache takes an entry made at instant 0 for one that never ends.
  const perf = { now: () => 1 + clock.monotonic() };
  const cache = new LRUCache<string, { readonly userId: string | null }>({
    max: ADDRESSES_KEPT,
    ttlResolution: 0,
    perf,
  });
  const asking = new Map<string, Promise<Outcome<string | null>>>();

  function inMap({ id, email, name }: Handles): string | undefined {
    for (const handle of [id, email, name]) {
      const userId = handle === null ? undefined : mapped.get(handle);
      if (userId !== undefined) return userId;
    }
    return undefined;
  }

  function known(person: Person | string): string | null | undefined {
    const handles = handlesOf(person);
    const userId = inMap(handles);
    if (userId !== undefined) return userId;
    // An address says more than an id that only looks like one of Slack's.
    if (matchByEmail && handles.email !== null) return cache.get(handles.email)?.userId;
    return handles.id !== null && SLACK_USER.test(handles.id) ? handles.id : null;
  }

  async function ask(email: string): Promise<Outcome<string | null>> {
    const outcome = await gateway.lookupByEmail(email);
    if (outcome.kind === 'sent') cache.set(email, { userId: outcome.value }, { ttl: personKeptMs(outcome.value) });
    return outcome;
  }

  async function resolve(person: Person | string): Promise<Outcome<string | null>> {
    const already = known(person);
    const { email } = handlesOf(person);
    if (already !== undefined || email === null) return sent(already ?? null);
    const shared = asking.get(email) ?? ask(email).finally(() => asking.delete(email));
    asking.set(email, shared);
    return shared;
  }

  return {
    known,
    resolve,
    async zone(person) {
      const found = await resolve(person);
      return found.kind === 'sent' && found.value !== null ? gateway.timeZone(found.value) : found;
    },
    laneKey(person) {
      const handles = handlesOf(person);
      return inMap(handles) ?? handles.email ?? handles.id ?? handles.name ?? 'nobody';
    },
  };
}

interface Handles {
  readonly id: string | null;
  readonly email: string | null;
  readonly name: string | null;
}

function handlesOf(person: Person | string): Handles {
  const { id, email, name } = typeof person === 'string' ? { id: person, email: null, name: null } : person;
  const handles = { id: orNull(id), email: orNull(email), name: orNull(name) };
  // Some senders use the e-mail address as the id; what is no address is no use as one.
  const address = [handles.email, handles.id].find((handle) => handle !== null && ADDRESS.test(handle)) ?? null;
  return { ...handles, email: address };
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
