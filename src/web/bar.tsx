/** The coloured bar that Slack draws beside blocks. */
import type { ReactNode } from 'react';

/** Slack's own. */
const NAMED: Readonly<Record<string, string>> = { good: '#2eb67d', warning: '#ecb22e', danger: '#e01e5a' };

interface BarProps {
  /** `good`, `warning`, `danger` or `#rrggbb`; null: grey, as Slack has it. */
  readonly color: string | null;
  readonly children: ReactNode;
}

export function Bar({ color, children }: BarProps): ReactNode {
  const shown = color === null ? undefined : (NAMED[color] ?? color);
  return (
    <div className="bar" style={{ borderInlineStartColor: shown }}>
      {children}
    </div>
  );
}
