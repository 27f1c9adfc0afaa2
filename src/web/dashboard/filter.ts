/** What of the events is to be seen. It stands in the address, as the listener takes it. */
import { linkTo } from './place.ts';

const FILTERS = ['text', 'state', 'source', 'topic', 'subject', 'channel', 'since', 'until'] as const;

export type FilterName = (typeof FILTERS)[number];

/** Times are ISO 8601. */
export type Filter = Readonly<Partial<Record<FilterName, string>>>;

export function filterOf(query: URLSearchParams): Filter {
  return Object.fromEntries(
    FILTERS.flatMap((name) => {
      const value = query.get(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

export function isFiltered(filter: Filter): boolean {
  return FILTERS.some((name) => filter[name] !== undefined);
}

/** The view's address; `before` is where its page begins. */
export function addressOf(filter: Filter, before: number | null = null): string {
  return linkTo('events', { ...filter, before });
}

/** What the listener is asked. */
export function queryOf(filter: Filter, before: string | null, limit: number): string {
  const query = new URLSearchParams(Object.entries(filter));
  if (before !== null) query.set('before', before);
  query.set('limit', String(limit));
  return query.toString();
}

/** The filters that are set, in their order. */
export function setFilters(filter: Filter): readonly { readonly name: FilterName; readonly value: string }[] {
  return FILTERS.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [{ name, value }];
  });
}

export function without(filter: Filter, name: FilterName): Filter {
  const { [name]: _, ...rest } = filter;
  return rest;
}
