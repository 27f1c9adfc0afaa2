/** What is being tried. It stands in the address behind `#`, as far as it is small, so that it can be linked to. */

export type EventDraft =
  | { readonly kind: 'sample'; readonly source: string; readonly topic: string; readonly story: number }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'own'; readonly source: string };

export interface Draft {
  /** Null: the first sample there is. */
  readonly event: EventDraft | null;
  /** The body as it was written or changed; null: that of the event as it is. */
  readonly body: string | null;
  /** As `datetime-local` has it, in the reader's time zone; empty: now, or when the event came in. */
  readonly at: string;
  /** The name; null: that of the first message. */
  readonly template: string | null;
  /** Templates that were changed, by name. */
  readonly texts: Readonly<Record<string, string>>;
  /** Null: as in the file. */
  readonly routes: string | null;
}

const NOTHING: Draft = { event: null, body: null, at: '', template: null, texts: {}, routes: null };

/** Longer texts are left out of the address. */
const LONGEST_IN_ADDRESS = 1500;

export function readDraft(hash: string): Draft {
  const query = new URLSearchParams(hash.replace(/^#/, ''));
  const template = query.get('template');
  const text = query.get('text');
  return {
    ...NOTHING,
    event: eventOf(query),
    body: query.get('body'),
    at: query.get('at') ?? '',
    template,
    texts: template !== null && text !== null ? { [template]: text } : {},
    routes: query.get('routes'),
  };
}

export function writeDraft({ event, body, at, template, texts, routes }: Draft): string {
  const query = new URLSearchParams();
  const put = (key: string, value: string | null | undefined) => {
    if (value != null && value !== '' && value.length <= LONGEST_IN_ADDRESS) query.set(key, value);
  };
  if (event?.kind === 'number') put('number', String(event.number));
  if (event?.kind === 'own') put('own', event.source);
  if (event?.kind === 'sample') {
    put('source', event.source);
    put('topic', event.topic);
    if (event.story > 0) put('story', String(event.story));
  }
  put('body', body);
  put('at', at);
  put('template', template);
  put('text', template === null ? null : texts[template]);
  put('routes', routes);
  return query.size === 0 ? '' : `#${query}`;
}

function eventOf(query: URLSearchParams): EventDraft | null {
  const number = query.get('number') ?? '';
  if (/^\d{1,15}$/.test(number)) return { kind: 'number', number: Number(number) };
  const own = query.get('own');
  if (own !== null) return { kind: 'own', source: own };
  const [source, topic] = [query.get('source'), query.get('topic')];
  if (source === null || topic === null) return null;
  const story = query.get('story') ?? '';
  return { kind: 'sample', source, topic, story: /^\d{1,6}$/.test(story) ? Number(story) : 0 };
}

/** Empty where it is no time. */
export function isoOf(at: string): string {
  const time = at === '' ? Number.NaN : new Date(at).getTime();
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}
