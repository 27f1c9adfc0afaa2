import { type ReactNode, useMemo, useState } from 'react';
import { writeJson } from '../../core/json.ts';
import type { EventView } from '../../history/views.ts';
import { Copy, Panel, REACHABLE } from './parts.tsx';
import { Tree } from './tree.tsx';
import { bytes, seen } from './words.ts';

export function Payload({ view: { payload, payload_cut: cut } }: { readonly view: EventView }): ReactNode {
  const [raw, setRaw] = useState(false);
  const text = useMemo(() => (raw && cut === null ? writeJson(payload, 2) : ''), [raw, cut, payload]);
  if (cut !== null) {
    return (
      <Panel title="Payload">
        <p className="soft">Only the first {bytes(cut.shown_bytes)} are shown.</p>
        <Raw text={cut.text} />
      </Panel>
    );
  }
  return (
    <Panel
      title="Payload"
      aside={
        <span className="panel-tools">
          {raw && <Copy text={text} />}
          <button type="button" className="button button-small" aria-pressed={raw} onClick={() => setRaw(!raw)}>
            Raw
          </button>
        </span>
      }
    >
      {raw ? <Raw text={text} /> : <Tree value={payload} />}
    </Panel>
  );
}

function Raw({ text }: { readonly text: string }) {
  return (
    <section className="raw" aria-label="Payload as text" {...REACHABLE}>
      <pre>{seen(text)}</pre>
    </section>
  );
}
