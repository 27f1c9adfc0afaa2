/** Where the reader is, in the address's fragment: `#C1`, `#C1/p<message>`, `#C1/<thread>`, `#C1/<thread>/p<reply>`. */
import { useSyncExternalStore } from 'react';

export interface Place {
  readonly id: string | null;
  /** The `ts` of the thread that is open beside the conversation. */
  readonly thread: string | null;
  /** The `ts` of the message that a link led to: in the thread, if there is one. */
  readonly message: string | null;
}

const TS = /^\d+\.\d+$/;

export function usePlace(): Place {
  const hash = useSyncExternalStore(onHashChange, () => window.location.hash);
  return parsePlace(hash);
}

function parsePlace(hash: string): Place {
  const [id = '', ...rest] = hash.slice(1).split('/');
  const thread = rest.find((part) => TS.test(part)) ?? null;
  const message = rest.find((part) => part.startsWith('p') && TS.test(part.slice(1)))?.slice(1) ?? null;
  return { id: id === '' ? null : id, thread, message };
}

/** The fragment of a place. */
export function placeHash({ id, thread = null, message = null }: Partial<Place>): string {
  return `#${[id, thread, message === null ? null : `p${message}`].filter((part) => part != null).join('/')}`;
}

export function goTo(id: string | null, thread: string | null = null): void {
  window.location.hash = placeHash({ id, thread });
}

function onHashChange(notify: () => void): () => void {
  window.addEventListener('hashchange', notify);
  return () => window.removeEventListener('hashchange', notify);
}
