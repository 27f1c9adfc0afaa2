/** Who replayed and dismissed what. */
import type { ReactNode } from 'react';
import type { AuditedOrder, AuditPage } from '../../history/audit-view.ts';
import { Chip } from './chips.tsx';
import { Fault, Loading, Nothing } from './parts.tsx';
import { linkTo } from './place.ts';
import { useLoaded } from './use-loaded.ts';
import { When } from './when.tsx';
import { many, seen } from './words.ts';

const PAGE = 50;

export function Audit({ query }: { readonly query: URLSearchParams }): ReactNode {
  const before = query.get('before');
  const search = new URLSearchParams({ limit: String(PAGE), ...(before && { before }) });
  const { data, error, busy, again } = useLoaded<AuditPage>(`api/audit?${search}`);
  return (
    <div className="view">
      <div className="view-head">
        <h1>Audit</h1>
      </div>
      <p className="lead soft">
        Who replayed and dismissed what, newest first. A name is what somebody typed; the role and the address are what
        the relay saw.
      </p>
      {error !== null && <Fault message={error} again={again} />}
      {data === null && error === null && <Loading rows={8} />}
      {data !== null && (
        <div className={busy ? 'is-busy' : ''} aria-busy={busy}>
          {data.entries.length === 0 && (
            <Nothing title="Nothing was replayed or dismissed">
              <p>
                See <a href="#/problems">what did not arrive</a>.
              </p>
            </Nothing>
          )}
          {data.entries.length > 0 && (
            <ol className="audit">
              {data.entries.map((order) => (
                <Entry key={order.number} order={order} />
              ))}
            </ol>
          )}
          <nav className="paging" aria-label="Pages">
            {before !== null && <a href={linkTo('audit')}>← Newest</a>}
            {data.next !== null && (
              <a className="button" rel="next" href={linkTo('audit', { before: data.next })}>
                Older →
              </a>
            )}
          </nav>
        </div>
      )}
    </div>
  );
}

function Entry({ order: { at, action, by, what, reason, deliveries } }: { readonly order: AuditedOrder }) {
  return (
    <li className="audit-entry">
      <p className="problem-head">
        <b>{action}</b>
        {deliveries === null ? (
          <Chip tone="warning">not finished</Chip>
        ) : (
          <span>{many(deliveries, 'delivery', 'deliveries')}</span>
        )}
        <span className="soft">
          <When at={at} /> · {by.name !== null && `${seen(by.name)} · `}
          {by.role}, {VIA[by.via]}
          {by.address !== null && `, ${by.address}`}
        </span>
      </p>
      <p className="problem-why">{seen(what)}</p>
      {reason !== null && <p className="problem-why soft">Reason: {seen(reason)}</p>}
    </li>
  );
}

const VIA: Readonly<Record<AuditedOrder['by']['via'], string>> = {
  dashboard: 'dashboard',
  command: 'command',
  api: 'API',
  journal: 'command on the journal',
};
