/**
 * Whose lane it is, asked in the transaction that records something for it. The lanes' rows stay locked FOR SHARE until
 * its commit: whoever takes a lane over writes its row first, so it waits for what is being recorded, and sees it.
 */
import { sql } from 'kysely';
import type { AffectedLanes, Connection } from '../operation.ts';
import { statement } from '../statement.ts';
import { keyText } from './text.ts';

/** For each, whether it is of a lane that is not this instance's. What is found to be its own stays so until the commit. */
export async function lostLanes(
  connection: Connection,
  instance: string,
  affected: readonly AffectedLanes[],
): Promise<readonly boolean[]> {
  const seqs = affected.flatMap((one) => ('seqs' in one ? one.seqs : []));
  const lanes = affected.flatMap((one) => ('lane' in one ? keyText(one.lane) : []));
  const lost = await connection.rows(notOurs, { owner: instance, seqs, lanes });
  const lostSeqs = new Set(lost.map(({ seq }) => seq));
  const lostNames = new Set(lost.map(({ lane }) => lane));
  return affected.map((one) =>
    'lane' in one ? lostNames.has(keyText(one.lane)) : one.seqs.some((seq) => lostSeqs.has(seq)),
  );
}

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

const notOurs = statement<Wanted, Lost>(
  (param) => sql`
    with wanted as materialized (
      select seq, lane from deliveries where seq = any(${param('seqs')}::bigint[])
      union all select null, lane from unnest(${param('lanes')}::text[]) as lane
    ), ours as materialized (
      select lane from lanes where owner = ${param('owner')} and lane in (select lane from wanted)
      order by lane for share
    )
    select seq, lane from wanted where lane not in (select lane from ours)`,
);
