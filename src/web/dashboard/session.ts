/** Whether the listener wants a token first. It says so with 401, to whatever is asked. */
import { useSyncExternalStore } from 'react';

let wanted = false;
const watchers = new Set<() => void>();

export function requireSignIn(): void {
  change(true);
}

export function signedIn(): void {
  change(false);
}

export function useSignInWanted(): boolean {
  return useSyncExternalStore(watch, () => wanted);
}

function change(to: boolean): void {
  if (wanted === to) return;
  wanted = to;
  for (const notify of watchers) notify();
}

function watch(notify: () => void): () => void {
  watchers.add(notify);
  return () => watchers.delete(notify);
}
