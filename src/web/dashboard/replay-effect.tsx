import type { ReactNode } from 'react';
import type { ReplayResult } from '../../history/outcomes.ts';
import { linkTo } from './place.ts';
import { many, seen } from './words.ts';

/** What a replay would do, or has done: how much goes out, what does not, and why not. */
export function Effect({ result }: { readonly result: ReplayResult }): ReactNode {
  const { skipped, unknown_ids: unknown } = result;
  const left = skipped.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <p className="effect">{sentenceOf(result)}</p>
      {left > 0 && (
        <>
          <p className="soft">{many(left, 'is', 'are')} skipped, because:</p>
          <ul className="skips">
            {skipped.map(({ code, detail, count }) => (
              <li key={`${code} ${detail}`}>
                <b>{count} ×</b> {seen(readable(detail, result.dry_run))}
              </li>
            ))}
          </ul>
        </>
      )}
      {unknown.length > 0 && <p className="soft">Not known (any more): {unknown.slice(0, 10).map(seen).join(', ')}.</p>}
      {!result.dry_run && result.deliveries > 0 && (
        <p>
          <a href={linkTo('lanes')}>Watch them go out</a>
        </p>
      )}
    </>
  );
}

function sentenceOf({ dry_run: dry, deliveries, conversations, replaced }: ReplayResult): string {
  if (deliveries === 0) return dry ? 'Nothing would be sent.' : 'Nothing was sent.';
  const what = `${many(deliveries, 'delivery', 'deliveries')} to ${many(conversations, 'conversation')}`;
  const verb = dry ? 'would be sent' : deliveries === 1 ? 'is on its way' : 'are on their way';
  const instead = replaced === 0 ? '' : `, in place of ${many(replaced, 'that did not arrive', 'that did not arrive')}`;
  return `${what} ${verb}${instead}.`;
}

/** Reasons speak of the command's option; before it is confirmed, that is the box below. */
function readable(detail: string, dry: boolean): string {
  return dry ? detail.replace(/\badd --again/i, 'tick the box below') : detail.replace(/ [^.]*--again[^.]*\./, '');
}
