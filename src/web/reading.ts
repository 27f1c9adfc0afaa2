/** Where the reader is in a list of messages: along with the newest, or somewhere above. */
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import type { ShownMessage } from '../sandbox/views.ts';

/** This close to the end counts as reading along. */
const AT_END_PX = 80;

interface Reading {
  readonly list: RefObject<HTMLDivElement | null>;
  /** The reader is above the end. */
  readonly above: boolean;
  /** Messages that came meanwhile. */
  readonly missed: number;
  readonly onScroll: () => void;
  readonly toEnd: () => void;
  /** To be called before other messages are shown: `ts` then stays where it is on the screen. */
  readonly hold: (ts: string) => void;
}

interface Asked {
  readonly messages: readonly ShownMessage[];
  /** Messages after those. */
  readonly newer: number;
  /** Where to begin: at the end, or where the opened conversation has the reader look. */
  readonly startAt: 'end' | 'elsewhere';
}

export function useReading({ messages, newer, startAt }: Asked): Reading {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(startAt === 'end');
  const held = useRef<{ readonly ts: string; readonly top: number; readonly first: string | undefined } | null>(null);
  const [above, setAbove] = useState(false);
  const [readUpTo, setReadUpTo] = useState('');
  const first = messages[0]?.ts;
  const newest = messages.at(-1)?.ts ?? '';

  const note = () => {
    const at = list.current;
    if (at === null) return;
    atEnd.current = newer === 0 && at.scrollHeight - at.scrollTop - at.clientHeight < AT_END_PX;
    setAbove(!atEnd.current);
    if (atEnd.current) setReadUpTo(newest);
  };

  // Whoever has opened what a message was before is reading that.
  useLayoutEffect(() => {
    const at = list.current;
    if (at === null) return;
    const { current: kept } = held;
    if (kept !== null && kept.first !== first) {
      held.current = null;
      at.scrollTop += (rowOf(at, kept.ts)?.getBoundingClientRect().top ?? kept.top) - kept.top;
      atEnd.current = false;
    } else if (atEnd.current && newer === 0 && at.querySelector('.message-open') === null) {
      at.scrollTop = at.scrollHeight;
    }
    note();
  });

  return {
    list,
    above,
    missed: above && readUpTo !== '' ? messages.filter(({ ts }) => ts > readUpTo).length + newer : 0,
    onScroll: note,
    toEnd: () => {
      atEnd.current = true;
      held.current = null;
      if (list.current !== null) list.current.scrollTop = list.current.scrollHeight;
    },
    hold: (ts) => {
      const row = list.current === null ? null : rowOf(list.current, ts);
      held.current = row === null ? null : { ts, top: row.getBoundingClientRect().top, first };
    },
  };
}

function rowOf(list: HTMLElement, ts: string): Element | null {
  return list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
}
