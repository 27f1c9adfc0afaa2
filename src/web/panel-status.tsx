import type { RelayStatus } from '../sandbox/panel/sample-events.ts';
import { PanelPart } from './panel-part.tsx';

interface PanelStatusProps {
  /** The newest last, one a second; null where the relay did not say. */
  readonly history: readonly (RelayStatus | null)[];
  readonly dashboard: string | null;
}

export function PanelStatus({ history, dashboard }: PanelStatusProps) {
  const now = history.at(-1) ?? null;
  const link = dashboard !== null && (
    <a href={dashboard} target="_blank" rel="noopener">
      Dashboard
    </a>
  );
  return (
    <PanelPart title="Relay status" aside={link}>
      {now === null ? (
        <p className="said">The relay has not said yet.</p>
      ) : (
        <>
          <Figures now={now} />
          <Waiting history={history} />
          <p className="said" role="status">
            {inWords(now)}
          </p>
        </>
      )}
    </PanelPart>
  );
}

function Figures({ now: { waiting, sent, merged, superseded, dead, parked } }: { readonly now: RelayStatus }) {
  const figures: readonly (readonly [name: string, count: number, alarming: boolean, means: string])[] = [
    ['waiting', waiting, false, 'accepted, not in Slack yet'],
    ['sent', sent, false, 'in Slack, each as a message, an update or a reaction'],
    ['merged', merged + superseded, false, 'went out together with others, or a newer update made them needless'],
    ['dead', dead + parked, dead + parked > 0, 'refused or given up: listed, with the reason'],
  ];
  return (
    <dl className="figures">
      {figures.map(([name, count, alarming, means]) => (
        <div key={name} className={alarming ? 'figure figure-alarming' : 'figure'} title={means}>
          <dt>{name}</dt>
          <dd>{count.toLocaleString('en-US')}</dd>
        </div>
      ))}
    </dl>
  );
}

const WIDTH = 280;
const HEIGHT = 36;
const SAMPLES = 90;

/** What was waiting, over the last minute and a half. */
function Waiting({ history }: { readonly history: PanelStatusProps['history'] }) {
  const counts = history.map((it) => it?.waiting ?? 0);
  const most = Math.max(...counts);
  if (most === 0) return null;
  const x = (index: number) => WIDTH - (counts.length - 1 - index) * (WIDTH / (SAMPLES - 1));
  const y = (count: number) => HEIGHT - 1 - (count / most) * (HEIGHT - 4);
  const line = counts.map((count, index) => `${x(index).toFixed(1)},${y(count).toFixed(1)}`);
  return (
    <svg
      className="waiting"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Waiting over the last 90 seconds: at most ${most}, now ${counts.at(-1)}`}
    >
      <polygon points={`${x(0).toFixed(1)},${HEIGHT} ${line.join(' ')} ${WIDTH},${HEIGHT}`} />
      <polyline points={line.join(' ')} />
    </svg>
  );
}

function inWords({ waiting, held, sent, merged, dead, parked }: RelayStatus): string {
  if (waiting > 0) return `${waiting.toLocaleString('en-US')} on their way, in order.`;
  if (dead + parked > 0) return 'Nothing is lost: what did not arrive is listed, and can be sent again.';
  if (held > 0) return `${held.toLocaleString('en-US')} held back until quiet hours end.`;
  return sent + merged === 0 ? 'Nothing to do yet.' : 'Everything has arrived.';
}
