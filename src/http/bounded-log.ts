/**
 * Log lines that strangers cause, bounded in number: of each kind the first few in a minute are logged in full, the rest
 * of the minute as one line with their number.
 */
import { type Clock, MINUTE_MS } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';

const IN_FULL_PER_MINUTE = 10;
/** Distinct clients that one summary counts. */
const MOST_CLIENTS = 1_000;

/** Kinds are counted apart, so there must be few: a message, and a configured source. */
export interface Kind {
  readonly message: string;
  readonly source?: string;
}

export interface Occurrence {
  readonly code: string;
  readonly client: string;
  /** Its id. */
  readonly event?: string;
  readonly request_id?: string;
  readonly detail?: string;
  /** Bytes that had arrived over the connection. */
  readonly bytes?: number;
  readonly err?: unknown;
}

type Level = 'warn' | 'error';

interface Minute {
  inFull: number;
  /** Of those that were not logged in full. */
  readonly codes: Map<string, number>;
  readonly clients: Set<string>;
}

export class BoundedLog {
  readonly #log: Pick<Logger, Level>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #minutes = new Map<string, Minute>();

  constructor(log: Pick<Logger, Level>, clock: Pick<Clock, 'after'>) {
    this.#log = log;
    this.#clock = clock;
  }

  warn(kind: Kind, occurrence: Occurrence): void {
    this.#write('warn', kind, occurrence);
  }

  error(kind: Kind, occurrence: Occurrence): void {
    this.#write('error', kind, occurrence);
  }

  #write(level: Level, kind: Kind, occurrence: Occurrence): void {
    const key = `${kind.message} ${kind.source}`;
    const minute = this.#minutes.get(key) ?? this.#begin(key, level, kind);
    const { source, message } = kind;
    if (minute.inFull < IN_FULL_PER_MINUTE) {
      minute.inFull++;
      this.#log[level]({ source, ...occurrence }, message);
      return;
    }
    minute.codes.set(occurrence.code, (minute.codes.get(occurrence.code) ?? 0) + 1);
    if (minute.clients.size < MOST_CLIENTS) minute.clients.add(occurrence.client);
  }

  #begin(key: string, level: Level, kind: Kind): Minute {
    const minute: Minute = { inFull: 0, codes: new Map(), clients: new Set() };
    this.#minutes.set(key, minute);
    this.#clock.after(MINUTE_MS, () => {
      this.#minutes.delete(key);
      this.#summarise(level, kind, minute);
    });
    return minute;
  }

  #summarise(level: Level, { source, message }: Kind, { codes, clients }: Minute): void {
    if (codes.size === 0) return;
    const more = [...codes.values()].reduce((sum, count) => sum + count, 0);
    const line = { source, more, codes: Object.fromEntries(codes), clients: clients.size };
    this.#log[level](line, `${message}: more in the last minute`);
  }
}
