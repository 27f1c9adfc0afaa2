import { useEffect, useState } from 'react';
import { ago, clockTime, dateOfTs } from './dates.ts';

interface TimeProps {
  readonly ts: string;
  /** Where it leads: the message's own address. */
  readonly href?: string;
  /** Without AM and PM. */
  readonly bare?: boolean;
  readonly seconds?: boolean;
}

export function Time({ ts, href, bare = false, seconds = false }: TimeProps) {
  const date = dateOfTs(ts);
  const clock = seconds ? date.toLocaleTimeString('en-US') : clockTime(date);
  const time = (
    <time dateTime={date.toISOString()} title={date.toLocaleString('en-US')}>
      {bare ? clock.replace(/\s?[AP]M$/, '') : clock}
    </time>
  );
  if (href === undefined) return time;
  return (
    <a className="when" href={href}>
      {time}
    </a>
  );
}

const LOOK_AGAIN_MS = 30_000;

/** `5 minutes ago`, as time goes by. */
export function Ago({ ts }: { readonly ts: string }) {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((turn) => turn + 1), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return <time dateTime={dateOfTs(ts).toISOString()}>{ago(dateOfTs(ts))}</time>;
}
