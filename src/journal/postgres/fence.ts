/**
 * Whose lane it is, asked in the transaction that records something for it. The lanes' rows stay locked FOR SHARE until
 * its commit: whoever takes a lane over writes its row first, so it waits for what is being recorded, and sees it.
 */
import { type Kysely, sql } from 'kysely';
import { prepare } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { SharedDatabase } from '../sql-store.ts';

interface Wanted {
  readonly owner: string;
  readonly seqs: readonly number[];
  readonly lanes: readonly string[];
}

interface Lost {
  /** A delivery in a lane that is not ours, or null. */
  readonly seq: number | null;
  readonly lane: string;
}

/** `instance`: whose lanes these have to be. */
export function fenceWith(db: Kysely<Tables>, instance: string): SharedDatabase['lost'] {
  const notOurs = prepare<Wanted, Lost>((hole) => ({
    compile: () =>
      sql<Lost>`
        with wanted as materialized (
          select seq, lane from deliveries where seq = any(${hole('seqs')}::bigint[])
          union all select null, lane from unnest(${hole('lanes')}::text[]) as lane
        ), ours as materialized (
          select lane from lanes where owner = ${hole('owner')} and lane in (select lane from wanted)
          order by lane for share
        )
        select seq, lane from wanted where lane not in (select lane from ours)`.compile(db),
  }));
  return async (connection, touched) => {
    const seqs = touched.flatMap((one) => ('seqs' in one ? one.seqs : []));
    const lanes = touched.flatMap((one) => ('lane' in one ? one.lane : []));
    const lost = await notOurs.rows(connection, { owner: instance, seqs, lanes });
    const lostSeqs = new Set(lost.map(({ seq }) => seq));
    const lostLanes = new Set(lost.map(({ lane }) => lane));
    return touched.map((one) => ('lane' in one ? lostLanes.has(one.lane) : one.seqs.some((seq) => lostSeqs.has(seq))));
  };
}
