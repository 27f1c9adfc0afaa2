/** What `init` has to know: from flags, from questions at a terminal, or as most people want it. */
import { InvalidArgumentError } from 'commander';
import { zoneHint } from '../routing/quiet-hours.ts';
import { isTimeZone } from '../routing/wall-time.ts';
import { SOURCE_TYPE_NAMES, SOURCE_TYPES } from '../sources/registry.ts';
import type { Starter } from '../sources/source-type.ts';
import { parseTemplates } from './shipped-templates.ts';

/** A source type that `init` can write a config for. */
export interface Product {
  /** As `type:` in the config has it. */
  readonly name: string;
  /** What its flag says. */
  readonly about: string;
  readonly starter: Starter;
  /** Of its samples. */
  readonly topics: readonly string[];
}

export const PRODUCTS: readonly Product[] = SOURCE_TYPE_NAMES.flatMap((name) => {
  const { product, sends, starter, samples } = SOURCE_TYPES[name];
  return starter === undefined
    ? []
    : [{ name, about: `${product} sends webhooks: ${sends}`, starter, topics: samples.map(({ topic }) => topic) }];
});

export interface Answers {
  readonly products: readonly Product[];
  /** `#name` or an id. */
  readonly channel: string;
  /** The time zone of the quiet hours; false: there are none. Not null: commander takes that as no value. */
  readonly timezone: string | false;
  /** Where failed deliveries are reported; false: on the dashboard alone. */
  readonly fallback: string | false;
  /** Shipped templates beside those that the routes use. */
  readonly templates: readonly string[];
}

/** What is known already; undefined is asked for. */
export type Given = { readonly [Question in keyof Answers]: Answers[Question] | undefined };

/** Resolves with a line, or rejects where there is nobody any more to give one. */
export type Ask = (question: string) => Promise<string>;

const DEFAULTS: Answers = {
  products: PRODUCTS.filter(({ starter }) => starter.byDefault),
  channel: '#relay',
  timezone: false,
  fallback: false,
  templates: [],
};

export function withDefaults(given: Given): Answers {
  const { products, channel, timezone, fallback, templates } = DEFAULTS;
  return {
    products: given.products ?? products,
    channel: given.channel ?? channel,
    timezone: given.timezone ?? timezone,
    fallback: given.fallback ?? fallback,
    templates: given.templates ?? templates,
  };
}

/** Asks for what is not given, each until the answer will do; an empty one is the default, which stands in brackets. */
export async function askFor(given: Given, ask: Ask, tell: (text: string) => void): Promise<Answers> {
  async function until<T>(question: string, fallback: T, parse: (answer: string) => T): Promise<T> {
    for (;;) {
      const answer = (await ask(question)).trim();
      if (answer === '') return fallback;
      try {
        return parse(answer);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        tell(`${error.message}\n`);
      }
    }
  }
  const { products, channel, timezone, fallback, templates } = DEFAULTS;
  return {
    products:
      given.products ??
      (await until(`What sends webhooks, of ${namesOf(PRODUCTS)}? [${namesOf(products)}] `, products, parseProducts)),
    channel: given.channel ?? (await until(`Which Slack channel? [${channel}] `, channel, parseChannel)),
    timezone:
      given.timezone ??
      (await until(
        'Quiet hours from 19:00 to 08:00? A time zone such as Europe/Paris, or no: [no] ',
        timezone,
        parseQuietHours,
      )),
    fallback:
      given.fallback ??
      (await until(
        'A channel for what could not be delivered, such as #relay-problems, or no: [no] ',
        fallback,
        parseFallback,
      )),
    templates:
      given.templates ??
      (await until(
        'Other templates that come along, to choose from: all, some names, or no: [no] ',
        templates,
        (answer) => (NO.test(answer) ? [] : parseTemplates(answer)),
      )),
  };
}

function namesOf(products: readonly Product[]): string {
  return products.map(({ name }) => name).join(', ');
}

/** In the order in which they are offered, however they are written. */
function parseProducts(written: string): readonly Product[] {
  const words = new Set(written.toLowerCase().split(/[\s,]+/));
  const products = PRODUCTS.filter(({ name }) => words.delete(name));
  if (words.size > 0) {
    throw new InvalidArgumentError(`Write one or more of ${namesOf(PRODUCTS)}, with commas between them.`);
  }
  return products;
}

const CHANNEL_ID = /^[CGD][A-Z0-9]{7,20}$/;
const USER_ID = /^[UW][A-Z0-9]{7,20}$/;
const CHANNEL_NAME = /^[\p{Ll}\p{Lo}\p{M}\p{N}_-]{1,80}$/u;

/** The `#` may be missing: in a shell, it starts a comment. Slack's channel names are lower case. */
export function parseChannel(written: string): string {
  const bare = written.replace(/^#/, '');
  if (CHANNEL_ID.test(bare)) return bare;
  const name = bare.toLowerCase();
  if (USER_ID.test(bare) || !CHANNEL_NAME.test(name)) {
    throw new InvalidArgumentError('A channel is "#name", or an id such as C024BE91L.');
  }
  return `#${name}`;
}

const NO = /^(no|n|none|false)$/i;

/** False for no. */
export function parseFallback(written: string): string | false {
  return NO.test(written) ? false : parseChannel(written);
}

/** False for no. */
export function parseQuietHours(written: string): string | false {
  if (NO.test(written)) return false;
  if (isTimeZone(written)) return written;
  const hint = zoneHint(written);
  const help = 'A time zone is the name of a place, such as Europe/Paris, or UTC. Or write no.';
  throw new InvalidArgumentError(hint === null ? help : `${hint} ${help}`);
}
