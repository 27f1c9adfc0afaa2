import { expect, test } from 'vitest';
import { moves, told } from './moves.ts';
import { receipt } from './samples.ts';

const { fill, move, openTarget, sql } = moves();

/** Aborts the move before that page. */
function abortAt(page: number): () => void {
  let left = page;
  return () => {
    left -= 1;
    if (left === 0) throw new Error('aborted');
  };
}

test('aborted at any page, a move leaves nothing behind, and the next one starts over', async () => {
  const before = await fill();
  let pages = 0;
  await move({ onProgress: () => (pages += 1) });
  await sql(
    'truncate seen, events, deliveries, cards, channels, occurrences, thresholds, people, lanes, attempts, minutes',
  );
  expect(pages).toBeGreaterThan(10);
  for (let page = 1; page <= pages; page += 1) {
    await expect(move({ onProgress: abortAt(page) })).rejects.toThrow('aborted');
    expect(await sql('select 1 from seen union all select 1 from events union all select 1 from deliveries')).toEqual(
      [],
    );
  }
  await move();
  const journal = await openTarget();
  expect((await told(journal)).tally).toEqual(before.tally);
  await journal.close();
});

test('a service that has the empty target open can neither accept nor send until the move is done', async () => {
  await fill();
  const service = await openTarget();
  const answers: string[] = [];
  const steps: string[] = [];
  let accepted: Promise<unknown> | null = null;
  const onProgress = ({ table }: { readonly table: string }) => {
    steps.push(table);
    accepted ??= service.accept(receipt({ key: 'meanwhile' })).then((answer) => {
      answers.push(`after ${steps.length} pages`);
      return answer;
    });
  };
  await move({ onProgress });
  expect(await accepted).toMatchObject({ kind: 'accepted', eventSeq: 15 });
  expect(answers).toEqual([`after ${steps.length} pages`]);
  expect(await service.next('#ops', 99)).not.toEqual([]);
  await service.close();
});
