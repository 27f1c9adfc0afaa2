import { type ReactNode, useState } from 'react';
import type { DeliveryState } from '../../core/delivery.ts';
import type { DeliveryOutcome, DeliveryPage } from '../../history/outcomes.ts';
import { StateChip } from './chips.tsx';
import { Dismiss } from './dismiss.tsx';
import { EventLink } from './event-title.tsx';
import { Fault, Loading, Nothing } from './parts.tsx';
import { linkTo } from './place.ts';
import { Replay } from './replay.tsx';
import { useMayChange } from './role.ts';
import { useLoaded } from './use-loaded.ts';
import { When } from './when.tsx';
import { count, many, seen } from './words.ts';

const PAGE = 50;
const LISTED = ['dead', 'parked'] as const;

interface ProblemsProps {
  readonly query: URLSearchParams;
  readonly tally: Readonly<Record<DeliveryState, number>> | null;
}

export function Problems({ query, tally }: ProblemsProps): ReactNode {
  const chosen = LISTED.find((state) => state === query.get('state')) ?? null;
  const states: readonly (typeof LISTED)[number][] = chosen === null ? LISTED : [chosen];
  const before = query.get('before');
  const search = new URLSearchParams({ state: states.join(','), limit: String(PAGE), ...(before && { before }) });
  const { data, error, busy, again } = useLoaded<DeliveryPage>(`api/deliveries?${search}`);
  const total =
    tally === null ? 0 : LISTED.reduce((sum, state) => sum + (states.includes(state) ? tally[state] : 0), 0);
  return (
    <div className="view">
      <div className="view-head">
        <h1>Not delivered</h1>
        {total > 0 && (
          <span className="actions">
            <Dismiss
              label={`Dismiss all ${count(total)}`}
              title="Dismiss all that did not arrive"
              request={{ states }}
              done={again}
            />
            <Replay
              label={`Replay all ${count(total)}`}
              title="Replay all that did not arrive"
              request={{ states }}
              done={again}
            />
          </span>
        )}
      </div>
      <p className="lead soft">
        <b>Dead</b>: it did not arrive, and is not tried again by itself. <b>Parked</b>: it may be in Slack or not; look
        before sending it again. <b>Dismiss</b> what need not arrive any more: it leaves this list, and the reason is
        kept.
      </p>
      <nav className="subtabs" aria-label="Which">
        <Subtab name="Both" state={null} chosen={chosen} number={tally === null ? null : tally.dead + tally.parked} />
        <Subtab name="Dead" state="dead" chosen={chosen} number={tally?.dead ?? null} />
        <Subtab name="Parked" state="parked" chosen={chosen} number={tally?.parked ?? null} />
      </nav>
      {error !== null && <Fault message={error} again={again} />}
      {data === null && error === null && <Loading rows={8} />}
      {data !== null && (
        <div className={busy ? 'is-busy' : ''} aria-busy={busy}>
          {data.deliveries.length === 0 ? <None /> : <List key={search.toString()} page={data} again={again} />}
          <nav className="paging" aria-label="Pages">
            {before !== null && <a href={linkTo('problems', { state: chosen })}>← Newest</a>}
            {data.next !== null && (
              <a className="button" rel="next" href={linkTo('problems', { state: chosen, before: data.next })}>
                Older →
              </a>
            )}
          </nav>
        </div>
      )}
    </div>
  );
}

interface SubtabProps {
  readonly name: string;
  readonly state: (typeof LISTED)[number] | null;
  readonly chosen: (typeof LISTED)[number] | null;
  readonly number: number | null;
}

function Subtab({ name, state, chosen, number }: SubtabProps) {
  return (
    <a href={linkTo('problems', { state })} aria-current={state === chosen ? 'page' : undefined}>
      {name} {number !== null && <span className="soft">{count(number)}</span>}
    </a>
  );
}

function None() {
  return (
    <Nothing title="Everything arrived">
      <p>
        What Slack refuses, or what is given up, is listed here with its reason. See <a href="#/lanes">what waits</a>.
      </p>
    </Nothing>
  );
}

function List({ page: { deliveries }, again }: { readonly page: DeliveryPage; readonly again: () => void }) {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const picked = deliveries.filter(({ delivery }) => chosen.has(delivery));
  const all = picked.length === deliveries.length && deliveries.length > 0;
  const choose = (number: number, to: boolean) => {
    const next = new Set(chosen);
    if (to) next.add(number);
    else next.delete(number);
    setChosen(next);
  };
  const mayChange = useMayChange();
  return (
    <>
      <div className="bulk" hidden={!mayChange}>
        <label className="check">
          <input
            type="checkbox"
            checked={all}
            onChange={() => setChosen(new Set(all ? [] : deliveries.map(({ delivery }) => delivery)))}
          />{' '}
          All of this page
        </label>
        <span className="actions">
          <Dismiss
            label={picked.length === 0 ? 'Dismiss selected' : `Dismiss ${count(picked.length)} selected`}
            title={`Dismiss ${many(picked.length, 'delivery', 'deliveries')}`}
            disabled={picked.length === 0}
            request={{ ids: picked.map(({ delivery }) => String(delivery)) }}
            done={again}
          />
          <Replay
            primary
            label={picked.length === 0 ? 'Replay selected' : `Replay ${count(picked.length)} selected`}
            title={`Replay ${many(picked.length, 'delivery', 'deliveries')}`}
            disabled={picked.length === 0}
            request={{ ids: picked.map(({ delivery }) => String(delivery)) }}
            done={again}
          />
        </span>
      </div>
      <ul className="problems">
        {deliveries.map((delivery) => (
          <Problem
            key={delivery.delivery}
            delivery={delivery}
            chosen={chosen.has(delivery.delivery)}
            choose={choose}
            again={again}
          />
        ))}
      </ul>
    </>
  );
}

interface ProblemProps {
  readonly delivery: DeliveryOutcome;
  readonly chosen: boolean;
  readonly choose: (number: number, to: boolean) => void;
  readonly again: () => void;
}

function Problem({ delivery: it, chosen, choose, again }: ProblemProps) {
  const { delivery, state, event, verb, destination, route, reason } = it;
  const made = destination !== null;
  const where = seen(destination ?? '');
  const mayChange = useMayChange();
  return (
    <li className="problem">
      <input
        type="checkbox"
        disabled={!mayChange}
        aria-label={`Select delivery ${delivery}${made ? ` to ${where}` : ', not made'}`}
        checked={chosen}
        onChange={(change) => choose(delivery, change.currentTarget.checked)}
      />
      <div className="problem-main">
        <p className="problem-head">
          <StateChip state={state} />
          <EventLink event={event} />
          <span className="soft">
            {made ? `${verb} → ${where}` : 'not made'} · route “{seen(route)}” · <When at={it.updated_at} />
          </span>
        </p>
        <p className="problem-why">
          {reason !== null && (
            <>
              <code>{seen(reason.code)}</code> {seen(reason.detail)}
            </>
          )}
        </p>
      </div>
      <span className="actions">
        <Dismiss
          label="Dismiss"
          title={`Dismiss delivery ${delivery}`}
          request={{ ids: [String(delivery)] }}
          done={again}
        />
        <Replay
          label="Replay"
          title={`Replay delivery ${delivery}`}
          request={{ ids: [String(delivery)] }}
          done={again}
        />
      </span>
    </li>
  );
}
