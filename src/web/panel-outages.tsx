import { type ReactNode, useEffect, useState } from 'react';
import type { Condition, ConditionState } from '../sandbox/panel/outages.ts';
import type { ConversationSummary } from '../sandbox/views.ts';
import { allWell, setArchived, setOutage } from './panel-api.ts';
import { PanelPart } from './panel-part.tsx';

interface Words {
  readonly condition: Condition;
  readonly name: string;
  readonly means: string;
}

const WORDS: readonly Words[] = [
  { condition: 'rate_limited', name: 'Rate limit', means: '429 for 10 s' },
  { condition: 'outage', name: 'Outage', means: '503 for 10 s' },
  { condition: 'answers_lost', name: 'Lost answers', means: 'of the next 3 posts' },
  { condition: 'token_revoked', name: 'Revoked token', means: 'until restored' },
];

interface PanelOutagesProps {
  readonly outages: readonly ConditionState[];
  readonly shown: ConversationSummary | null;
  readonly anyArchived: boolean;
}

export function PanelOutages({ outages, shown, anyArchived }: PanelOutagesProps) {
  const well = outages.length === 0 && !anyArchived;
  const [revoked, setRevoked] = useState(false);
  if (!revoked && outages.some(({ condition }) => condition === 'token_revoked')) setRevoked(true);
  // So often the relay asks whether its token is good again (src/relay/health.ts).
  const wellWords = revoked ? 'Slack is well. The relay sees it within 30 s.' : 'Slack is well.';
  return (
    <PanelPart title="Trouble in Slack">
      <ul className="outages">
        {WORDS.map((words) => (
          <Row key={words.condition} words={words} state={outages.find((it) => it.condition === words.condition)} />
        ))}
        {shown?.kind === 'channel' && <ArchiveRow channel={shown} />}
      </ul>
      <div className="button-row">
        <button type="button" className="button" aria-disabled={well} onClick={() => well || void allWell()}>
          All well again
        </button>
        <p className="said" role="status">
          {well ? wellWords : ''}
        </p>
      </div>
    </PanelPart>
  );
}

function Row({ words, state }: { readonly words: Words; readonly state: ConditionState | undefined }) {
  const { condition, name, means } = words;
  const on = state !== undefined;
  return (
    <Switch name={name} on={on} onToggle={() => void setOutage(condition, !on)}>
      {on ? <Progress state={state} /> : means}
    </Switch>
  );
}

function ArchiveRow({ channel: { id, name, archived } }: { readonly channel: ConversationSummary }) {
  return (
    <Switch name={`Archive #${name}`} on={archived} onToggle={() => void setArchived(id, !archived)}>
      {archived ? 'nobody can post' : ''}
    </Switch>
  );
}

interface SwitchProps {
  readonly name: string;
  readonly on: boolean;
  readonly onToggle: () => void;
  readonly children: ReactNode;
}

function Switch({ name, on, onToggle, children }: SwitchProps) {
  return (
    <li>
      <button type="button" className="switch" role="switch" aria-checked={on} aria-label={name} onClick={onToggle}>
        <span className="switch-track" aria-hidden="true" />
        <b>{name}</b>
        <span className="switch-state">{children}</span>
      </button>
    </li>
  );
}

function Progress({ state: { endsInMs, callsLeft, struck } }: { readonly state: ConditionState }) {
  const left = useCountdown(endsInMs);
  const calls = `${struck.toLocaleString('en-US')} hit`;
  if (left !== null) return `${left} s left, ${calls}`;
  return callsLeft === null ? `on, ${calls}` : `${calls}, ${callsLeft} to go`;
}

/** Whole seconds, counted down from what was told last; null for no end. */
function useCountdown(endsInMs: number | null): number | null {
  const [at, setAt] = useState({ endsInMs, told: performance.now(), now: performance.now() });
  if (at.endsInMs !== endsInMs) setAt({ endsInMs, told: performance.now(), now: performance.now() });
  useEffect(() => {
    if (endsInMs === null) return;
    const timer = setInterval(() => setAt((before) => ({ ...before, now: performance.now() })), 500);
    return () => clearInterval(timer);
  }, [endsInMs]);
  return endsInMs === null ? null : Math.max(0, Math.ceil((endsInMs - (at.now - at.told)) / 1000));
}
