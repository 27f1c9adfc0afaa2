/**
 * Watches whether the database can be reached.
 *
 *   opening ──attempt──► open ◄──────────────┐
 *      └──unreachable──► away ──every second─┘
 *                         ▲
 *   open ──a call failed, and so did the check that follows
 *
 * While it is away, nobody waits for a connection that will not come. It says so in the log once when it goes away, and
 * once when it is back.
 */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { JournalError } from '../errors.ts';

const AGAIN_MS = 1_000;

export interface ConnectionMonitorParts {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Logger, 'warn'>;
  /** Until it has succeeded once: brings the schema up to date. Afterwards: asks for an answer. */
  readonly attempt: () => Promise<void>;
  readonly explain: (error: unknown) => JournalError;
}

export class ConnectionMonitor {
  readonly #parts: ConnectionMonitorParts;
  #away: JournalError | null = null;
  #attempting: Promise<void> | null = null;
  #cancel: () => void = () => {};
  #closed = false;

  constructor(parts: ConnectionMonitorParts) {
    this.#parts = parts;
  }

  /** Why it cannot be reached; null while it can. */
  get away(): JournalError | null {
    return this.#away;
  }

  /** The first attempt. @throws JournalError for what does not go better by waiting. */
  async open({ wait }: { readonly wait: boolean }): Promise<void> {
    try {
      await this.#parts.attempt();
    } catch (error) {
      const why = this.#parts.explain(error);
      if (!wait || why.code !== 'journal-unreachable') throw why;
      this.#leave(why);
    }
  }

  /** A call failed like this. */
  suspect(error: JournalError): void {
    if (!UNREACHED.has(error.code) || this.#away !== null || this.#closed) return;
    this.#attempting ??= this.#try();
  }

  /** Resolves when no attempt is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#attempting;
  }

  async #try(): Promise<void> {
    try {
      await this.#parts.attempt();
      if (this.#away !== null) this.#parts.log.warn('the journal can be reached again');
      this.#away = null;
    } catch (error) {
      this.#leave(this.#parts.explain(error));
    } finally {
      this.#attempting = null;
    }
  }

  #leave(why: JournalError): void {
    if (this.#closed) return;
    if (this.#away === null) this.#parts.log.warn({ code: why.code }, `${why.message} It is tried again every second.`);
    this.#away = why;
    this.#cancel = this.#parts.clock.after(AGAIN_MS, () => {
      this.#attempting ??= this.#try();
    });
  }
}

/** Errors of the connection, not of what was asked. */
const UNREACHED: ReadonlySet<string> = new Set([
  'journal-unreachable',
  'journal-credentials',
  'journal-tls',
  'journal-database',
]);
