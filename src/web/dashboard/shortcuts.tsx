/** Keys: those that a list of events takes, and what tells of them. They can be switched off, as they are single letters. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { SEARCH_ID, shortcutsOn, switchShortcuts, useKeys } from './keys.ts';
import { goTo } from './place.ts';

const KEYS: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['/'], does: 'search the events' },
  { keys: ['j', 'k'], does: 'next and previous row' },
  { keys: ['Enter'], does: 'open the row' },
  { keys: ['g', 'o'], does: 'go to the overview' },
  { keys: ['g', 'e'], does: 'go to the events' },
  { keys: ['g', 'n'], does: 'go to what was not delivered' },
  { keys: ['g', 'l'], does: 'go to the lanes' },
  { keys: ['g', 'a'], does: 'go to the audit' },
  { keys: ['?'], does: 'show this' },
];

const PLACES: Readonly<Record<string, string>> = {
  o: '#/',
  e: '#/events',
  n: '#/problems',
  l: '#/lanes',
  a: '#/audit',
};

export function Shortcuts(): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const going = useRef(false);
  const [on, setOn] = useState(shortcutsOn);
  useKeys((key) => {
    const place = going.current ? PLACES[key] : undefined;
    going.current = key === 'g';
    if (place !== undefined) goTo(place);
    else if (key === '/') toSearch();
    else if (key === '?') dialog.current?.showModal();
    else return false;
    return true;
  });
  useEffect(() => switchShortcuts(on), [on]);
  return (
    <>
      <footer className="foot">
        <button type="button" className="foot-keys" onClick={() => dialog.current?.showModal()}>
          <kbd>?</kbd> Keyboard shortcuts
        </button>
      </footer>
      <dialog className="dialog" ref={dialog} aria-labelledby="shortcuts-title">
        <h2 id="shortcuts-title">Keyboard shortcuts</h2>
        <dl className="keys">
          {KEYS.map(({ keys, does }) => (
            <div key={does}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <label className="check">
          <input type="checkbox" checked={on} onChange={(event) => setOn(event.currentTarget.checked)} /> Shortcuts are
          on
        </label>
        <form method="dialog" className="dialog-end">
          <button type="submit" className="button">
            Close
          </button>
        </form>
      </dialog>
    </>
  );
}

function toSearch(): void {
  const focus = () => document.getElementById(SEARCH_ID)?.focus();
  if (document.getElementById(SEARCH_ID) !== null) {
    focus();
    return;
  }
  // The view is there one frame after the address has changed.
  window.addEventListener('hashchange', () => requestAnimationFrame(focus), { once: true });
  goTo('#/events');
}
