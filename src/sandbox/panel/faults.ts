/**
 * Faults on demand: what Slack and the network do on a bad day, for the next calls that match.
 *
 * Every fault acts on whole calls. `drop_after`, `truncate`, `slow` and `lag` let the call act first; `drop_before`,
 * `rate_limited`, `redirect` and `null` never do; `error`, `http`, `html` and `hang` do when `acts` is true.
 */
import { z } from 'zod';

const acts = z.boolean().optional();

const scope = {
  /** `chat.postMessage`, …; any method without it. */
  method: z.string().min(1).optional(),
  /** An id or a name, with or without `#`; any channel without it. */
  channel: z.string().min(1).optional(),
  token: z.string().min(1).optional(),
  /** How many calls it hits: 1 without it. */
  times: z.union([z.int().min(1), z.literal('always')]).optional(),
  /** How many matching calls it lets pass first. */
  skip: z.int().min(0).optional(),
};

/** `kind` and what belongs to it; the rest says which calls. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** 429. `retryAfter` in seconds, 1 without it; null leaves the header out. */
  z.strictObject({ kind: z.literal('rate_limited'), retryAfter: z.number().nullable().optional(), ...scope }),
  /** 200 with `ok: false` and any of Slack's codes. */
  z.strictObject({ kind: z.literal('error'), error: z.string().min(1), acts, ...scope }),
  z.strictObject({
    kind: z.literal('http'),
    status: z.int().min(200).max(599),
    body: z.string().optional(),
    contentType: z.string().min(1).optional(),
    acts,
    ...scope,
  }),
  /** Never answers. */
  z.strictObject({ kind: z.literal('hang'), acts, ...scope }),
  /** Closes the connection without acting. */
  z.strictObject({ kind: z.literal('drop_before'), ...scope }),
  /** Acts, then closes the connection without an answer. */
  z.strictObject({ kind: z.literal('drop_after'), ...scope }),
  /** Acts, sends half of the answer's body, then closes the connection. */
  z.strictObject({ kind: z.literal('truncate'), ...scope }),
  /** 200 with a web page. */
  z.strictObject({ kind: z.literal('html'), acts, ...scope }),
  /** 200 with the JSON value null. */
  z.strictObject({ kind: z.literal('null'), ...scope }),
  z.strictObject({ kind: z.literal('redirect'), location: z.string().min(1).optional(), ...scope }),
  /** Acts at once, answers after `ms`. */
  z.strictObject({ kind: z.literal('slow'), ms: z.number().min(0), ...scope }),
  /** `conversations.history` and `.replies` do not show what was posted in the last `ms`. */
  z.strictObject({ kind: z.literal('lag'), ms: z.number().min(0), ...scope }),
]);

export type Fault = z.infer<typeof faultSchema>;

export interface FaultyCall {
  readonly method: string;
  readonly token: string;
  /** The names the call's channel goes by; empty when it has none. */
  readonly channels: readonly string[];
}

interface Armed {
  readonly fault: Fault;
  skip: number;
  left: number;
  struck: number;
}

const HISTORY = new Set(['conversations.history', 'conversations.replies']);

export class Faults {
  #armed: Armed[] = [];
  readonly #listeners = new Set<() => void>();

  /** Arms a fault; the returned function takes it back. Those armed first strike first. */
  add(fault: Fault): () => void {
    const left = fault.times === 'always' ? Number.POSITIVE_INFINITY : (fault.times ?? 1);
    const armed = { fault, skip: fault.skip ?? 0, left, struck: 0 };
    this.#armed.push(armed);
    this.#changed();
    return () => this.#remove(armed);
  }

  /** Disarms all of them. */
  clear(): void {
    this.#armed = [];
    this.#changed();
  }

  /** Called whenever one is armed, strikes or is disarmed. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** How many calls it has hit and will still hit; undefined once it is not armed any more. */
  armed(fault: Fault): { readonly left: number; readonly struck: number } | undefined {
    return this.#armed.find((armed) => armed.fault === fault);
  }

  /** What is still armed. */
  get pending(): readonly Fault[] {
    return this.#armed.map(({ fault }) => fault);
  }

  /** The fault that strikes this call, if any; counts it. `describe` is only asked while something is armed. */
  take(describe: () => FaultyCall): Fault | undefined {
    if (this.#armed.length === 0) return undefined;
    const call = describe();
    for (const armed of this.#armed.filter(({ fault }) => matches(fault, call))) {
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.left -= 1;
      armed.struck += 1;
      if (armed.left <= 0) this.#remove(armed);
      else this.#changed();
      return armed.fault;
    }
    return undefined;
  }

  #remove(armed: Armed): void {
    this.#armed = this.#armed.filter((it) => it !== armed);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function matches(fault: Fault, { method, token, channels }: FaultyCall): boolean {
  if (fault.kind === 'lag' && !HISTORY.has(method)) return false;
  if (fault.method !== undefined && fault.method !== method) return false;
  if (fault.token !== undefined && fault.token !== token) return false;
  return fault.channel === undefined || channels.includes(fault.channel.replace(/^#/, ''));
}
