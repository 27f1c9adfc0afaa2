/** What every view is made of. */
import { type ReactNode, useState } from 'react';

/** Of what scrolls and may hold nothing that takes the focus: the keyboard must reach it. */
export const REACHABLE = { tabIndex: 0 } as const;

interface PanelProps {
  readonly title: string;
  /** Beside the title. */
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Panel({ title, aside, className, children }: PanelProps): ReactNode {
  return (
    <section className={`panel ${className ?? ''}`} aria-label={title}>
      <header className="panel-head">
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

interface NothingProps {
  readonly title: string;
  readonly children?: ReactNode;
}

/** An empty place that says what to do next. */
export function Nothing({ title, children }: NothingProps): ReactNode {
  return (
    <div className="nothing">
      <p className="nothing-title">{title}</p>
      {children}
    </div>
  );
}

/** What went wrong, announced. */
export function Fault({ message, again }: { readonly message: string; readonly again?: () => void }): ReactNode {
  return (
    <div className="fault" role="alert">
      <p>{message}</p>
      {again && (
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Takes the room of what is on its way, so that nothing jumps when it comes. */
export function Loading({ rows }: { readonly rows: number }): ReactNode {
  const places = Array.from({ length: rows }, (_, index) => index);
  return (
    <div className="loading" role="status" aria-label="Loading">
      {places.map((place) => (
        <span key={place} className="loading-row" />
      ))}
    </div>
  );
}

export function Copy({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <button type="button" className="button button-small" onClick={copy} onBlur={() => setCopied(false)}>
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </button>
  );
}

/** A command for the terminal. */
export function Command({ text }: { readonly text: string }): ReactNode {
  return (
    <div className="command-line">
      <code>{text}</code>
      <Copy text={text} />
    </div>
  );
}
