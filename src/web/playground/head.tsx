import { type ReactNode, useEffect, useRef } from 'react';

/** The dashboard's bar, with its views as links: they are another page. */
export function Head(): ReactNode {
  const current = useRef<HTMLAnchorElement>(null);
  // On a narrow screen the bar scrolls, and this is its last.
  useEffect(() => current.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), []);
  return (
    <header className="top-bar">
      <a className="brand" href="./#/">
        <svg className="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M3 12h6M14 10.5 20 6M14 13.5 20 18" />
          <circle cx="11.5" cy="12" r="2.5" />
        </svg>
        alo-relay
      </a>
      <nav className="views" aria-label="Views">
        {VIEWS.map(([to, name]) => (
          <a key={to} className="tab" href={`./#/${to}`}>
            {name}
          </a>
        ))}
        <a ref={current} className="tab" href="playground.html" aria-current="page">
          Playground
        </a>
      </nav>
    </header>
  );
}

const VIEWS = [
  ['', 'Overview'],
  ['events', 'Events'],
  ['problems', 'Not delivered'],
  ['lanes', 'Lanes'],
] as const;
