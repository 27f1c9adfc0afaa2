/** What people and Slack do to the workspace for a while, behind the service's back. */
import type { Fault } from '../../src/sandbox/panel/faults.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import type { Mischief } from './life.ts';
import { Random } from './random.ts';
import { isCardKind, readStatement } from './statements.ts';
import type { Weather } from './weather.ts';
import type { Sighting, Witness } from './witness.ts';

/** What every call meets for a while, and its name in the report. */
const WINDOWS: Readonly<
  Record<'outage' | 'token revoked' | 'workspace limited', { readonly name: string; readonly faults: readonly Fault[] }>
> = {
  outage: {
    name: 'outage of everything',
    faults: [
      { kind: 'drop_before', times: 'always' },
      { kind: 'http', status: 503, body: 'upstream unavailable', times: 'always' },
      { kind: 'hang', times: 'always' },
    ],
  },
  'token revoked': {
    name: 'token revoked, then restored',
    faults: [{ kind: 'error', error: 'token_revoked', times: 'always' }],
  },
  'workspace limited': {
    name: 'workspace rate limited',
    faults: [{ kind: 'rate_limited', retryAfter: 1, times: 'always' }],
  },
};

const REFUSED_IN_ARCHIVE: ReadonlySet<string> = new Set(['chat.postMessage', 'chat.update', 'reactions.add']);

const ARCHIVED_AT_ONCE = 14;
/** Cards that a person deletes at one go. */
const DELETED_AT_ONCE = 4;

interface MischiefOptions {
  readonly sandbox: Sandbox;
  readonly weather: Weather;
  readonly witness: Witness;
  readonly seed: number;
}

export class Mischiefs {
  /** Messages that were deleted, as they were then. */
  readonly deleted: Sighting[] = [];
  readonly #sandbox: Sandbox;
  readonly #weather: Weather;
  readonly #witness: Witness;
  readonly #random: Random;
  readonly #undo = new Set<() => void>();
  /** Ids. */
  readonly #archived = new Set<string>();

  constructor({ sandbox, weather, witness, seed }: MischiefOptions) {
    this.#sandbox = sandbox;
    this.#witness = witness;
    this.#weather = weather;
    this.#random = new Random(seed, 'mischiefs');
    weather.watch(({ method, channels }) => {
      if (!REFUSED_IN_ARCHIVE.has(method) || !channels.some((channel) => this.#archived.has(channel))) return;
      weather.count('channel archived');
    });
  }

  /** Does it now; ends by itself after `forMs`. A replay is done to the service, elsewhere. */
  make({ kind, forMs }: { readonly kind: Exclude<Mischief['kind'], 'replay'>; readonly forMs: number }): void {
    if (kind === 'channel archived') this.#archive(forMs);
    else if (kind === 'card deleted') this.#deleteCards();
    else {
      const { name, faults } = WINDOWS[kind];
      this.#until(forMs, this.#weather.add(name, { ...this.#random.pick(faults) }));
    }
  }

  /** Undoes what still lasts. */
  end(): void {
    for (const undo of this.#undo) undo();
    this.#undo.clear();
  }

  #until(ms: number, undo: () => void): void {
    const once = () => {
      if (this.#undo.delete(once)) undo();
    };
    this.#undo.add(once);
    setTimeout(once, ms).unref();
  }

  #archive(ms: number): void {
    const { workspace } = this.#sandbox;
    const channels = workspace.conversations.filter(({ user, archived }) => user === null && !archived);
    for (const { id } of this.#random.shuffled(channels).slice(0, ARCHIVED_AT_ONCE)) {
      workspace.archive(id);
      this.#archived.add(id);
      this.#until(ms, () => {
        workspace.archive(id, false);
        this.#archived.delete(id);
      });
    }
  }

  #deleteCards(): void {
    const { workspace } = this.#sandbox;
    const cards = workspace.conversations.flatMap((conversation) =>
      conversation.timeline.slice(-40).flatMap((message) => {
        const kind = readStatement(message.text)?.kind;
        const isCard = kind !== undefined && isCardKind(kind) && message.threadTs === undefined;
        return isCard ? [{ conversation, message }] : [];
      }),
    );
    for (const { conversation, message } of this.#random.shuffled(cards).slice(0, DELETED_AT_ONCE)) {
      this.deleted.push({ ...this.#witness.sighted(conversation, message), deleted: true });
      workspace.delete(conversation.id, message.ts);
      this.#weather.count('card or thread root deleted');
    }
  }
}
