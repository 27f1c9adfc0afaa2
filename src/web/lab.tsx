/** The panel beside the workspace: have events sent, call up bad weather, watch the relay cope. */

import type { ConversationSummary } from '../sandbox/views.ts';
import { LabCoping } from './lab-coping.tsx';
import { LabSend } from './lab-send.tsx';
import { LabWeather } from './lab-weather.tsx';
import type { LabState } from './use-lab.ts';

interface LabProps {
  readonly state: LabState;
  /** What is shown beside it. */
  readonly shown: ConversationSummary | null;
  readonly list: readonly ConversationSummary[];
  readonly onClose: () => void;
}

export function Lab({ state: { trial, weather, coping }, shown, list, onClose }: LabProps) {
  return (
    <aside
      className="lab"
      id="lab"
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
      <div className="lab-parts">
        <LabSend sources={trial.sources} />
        <LabCoping history={coping} dashboard={trial.dashboard} />
        <LabWeather weather={weather} shown={shown} anyArchived={list.some(({ archived }) => archived)} />
      </div>
    </aside>
  );
}
