/** Text with markup: what filters make of a value that a place may show in two ways. */
import { Drop } from 'liquidjs';
import type { Person } from '../core/event.ts';
import type { WorkBudget } from './work.ts';

export interface TextContext {
  /** The destination's id of a person, or of an id or e-mail address, where it is known. */
  mention(who: Person | string): string | undefined;
  /** The destination's colour for a value such as `Critical`; a colour is its own. */
  color?(value: string): string | undefined;
}

/** What a render hands to its filters. No template can name it: unknown variables do not compile. */
export class FilterGlobals {
  readonly #context: TextContext;
  readonly #work: WorkBudget;

  constructor(context: TextContext, work: WorkBudget) {
    this.#context = context;
    this.#work = work;
  }

  static contextOf(globals: unknown): TextContext | null {
    return globals instanceof FilterGlobals ? globals.#context : null;
  }

  static workOf(globals: unknown): WorkBudget | null {
    return globals instanceof FilterGlobals ? globals.#work : null;
  }
}

/** Escaped already. Liquid's own filters, and comparisons, see the plain text. */
export class Markup extends Drop {
  readonly #marked: string;
  readonly #plain: () => string;

  constructor(marked: string, plain: () => string) {
    super();
    this.#marked = marked;
    this.#plain = plain;
  }

  /** As a place shows it that takes markup. */
  get marked(): string {
    return this.#marked;
  }

  override valueOf(): string {
    return this.#plain();
  }

  override toString(): string {
    return this.#plain();
  }
}
