import type { Playground, PlaygroundParts } from '../dry-run/playground/playground.ts';
import { searchEvents } from '../history/event-search.ts';
import type { Journal } from '../journal/contract.ts';

/** Offered to be tried out. */
const RECENT_EVENTS = 50;

interface LazyPlaygroundParts extends Pick<PlaygroundParts, 'config' | 'variables'> {
  readonly journal: Pick<Journal, 'inspect' | 'search'>;
  readonly clock: PlaygroundParts['clock'] & Parameters<typeof searchEvents>[1]['clock'];
}

/** Loaded when it is first asked for something: what it takes to try rules out is of no use to the service. */
export function lazyPlayground({ config, variables, journal, clock }: LazyPlaygroundParts): Playground {
  let loading: Promise<Playground> | null = null;
  const stored = async (number: number) => (await journal.inspect(number))?.event ?? null;
  const recent = async () => (await searchEvents({ limit: RECENT_EVENTS }, { journal, clock })).events;
  const playground = (): Promise<Playground> => {
    loading ??= import('../dry-run/playground/playground.ts').then(({ createPlayground }) =>
      createPlayground({ config, variables, stored, recent, clock }),
    );
    return loading;
  };
  return {
    try: async (request) => (await playground()).try(request),
    materials: async () => (await playground()).materials(),
    close: async () => (await loading)?.close(),
  };
}
