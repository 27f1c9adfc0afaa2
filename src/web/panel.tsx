/** The panel beside the workspace: send sample events, start outages, watch the relay's status. */
import type { ConversationSummary } from '../sandbox/views.ts';
import { PanelOutages } from './panel-outages.tsx';
import { PanelSend } from './panel-send.tsx';
import { PanelStatus } from './panel-status.tsx';
import type { PanelState } from './use-panel.ts';

interface PanelProps {
  readonly state: PanelState;
  /** What is shown beside it. */
  readonly shown: ConversationSummary | null;
  readonly list: readonly ConversationSummary[];
  readonly onClose: () => void;
}

export function Panel({ state: { samples, outages, status }, shown, list, onClose }: PanelProps) {
  return (
    <aside
      className="panel"
      id="panel"
      aria-label="Try the relay"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <header className="pane-head">
        <h2>Try the relay</h2>
        <span className="pane-note" />
        <button type="button" className="close" onClick={onClose} aria-label="Close the panel">
          ×
        </button>
      </header>
      <div className="panel-parts">
        <PanelSend sources={samples.sources} />
        <PanelStatus history={status} dashboard={samples.dashboard} />
        <PanelOutages outages={outages} shown={shown} anyArchived={list.some(({ archived }) => archived)} />
      </div>
    </aside>
  );
}
