/**
 * JSON as a tree whose branches open. Nothing of it is trusted: all is text, only what is open is in the page, long
 * lists and long strings come piece by piece, and depth costs no more room than the screen has.
 */
import { type ReactNode, useState } from 'react';
import { count, many, seen } from './words.ts';

const PIECE = 100;
const LONG_TEXT = 400;
/** Branches up to this depth are open at first, where they are small. */
const OPEN_DEPTH = 2;
const SMALL = 24;
/** Deeper ones are not indented further. */
const DEEPEST_INDENT = 10;

export function Tree({ value }: { readonly value: unknown }): ReactNode {
  if (!isBranch(value)) return <p className="tree-leaf">{<Leaf value={value} />}</p>;
  return (
    <div className="tree">
      <Items branch={value} depth={0} />
    </div>
  );
}

type Branch = readonly unknown[] | Readonly<Record<string, unknown>>;

interface ItemsProps {
  readonly branch: Branch;
  readonly depth: number;
}

function Items({ branch, depth }: ItemsProps) {
  const [shown, setShown] = useState(PIECE);
  const keys = Object.keys(branch);
  if (keys.length === 0) return <p className="tree-leaf soft">empty</p>;
  return (
    <ul className={depth > 0 && depth <= DEEPEST_INDENT ? 'tree-items tree-indented' : 'tree-items'}>
      {keys.slice(0, shown).map((key) => (
        <Item key={key} name={key} value={valueAt(branch, key)} depth={depth} />
      ))}
      {keys.length > shown && (
        <li>
          <button type="button" className="link" onClick={() => setShown(shown + PIECE)}>
            Show {count(Math.min(PIECE, keys.length - shown))} more of {count(keys.length)}
          </button>
        </li>
      )}
    </ul>
  );
}

interface ItemProps {
  readonly name: string;
  readonly value: unknown;
  readonly depth: number;
}

function Item({ name, value, depth }: ItemProps) {
  const size = isBranch(value) ? Object.keys(value).length : 0;
  const [open, setOpen] = useState(depth < OPEN_DEPTH && size <= SMALL);
  if (!isBranch(value) || size === 0) {
    return (
      <li className="tree-item">
        <span className="tree-name">{seen(name.slice(0, LONG_TEXT))}</span> <Leaf value={value} />
      </li>
    );
  }
  return (
    <li className="tree-item">
      <button type="button" className="tree-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="tree-name">{seen(name.slice(0, LONG_TEXT))}</span>{' '}
        <span className="soft">{Array.isArray(value) ? many(size, 'item') : many(size, 'key')}</span>
      </button>
      {open && <Items branch={value} depth={depth + 1} />}
    </li>
  );
}

function Leaf({ value }: { readonly value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== 'string') {
    const text = Array.isArray(value) ? '[]' : isBranch(value) ? '{}' : String(value);
    return <span className={value === null ? 'soft' : 'tree-number'}>{text}</span>;
  }
  const long = value.length > LONG_TEXT && !whole;
  return (
    <>
      <span className="tree-text">
        “{seen(long ? value.slice(0, LONG_TEXT) : value)}
        {long ? '…' : '”'}
      </span>{' '}
      {long && (
        <button type="button" className="link" onClick={() => setWhole(true)}>
          all {count(value.length)} characters
        </button>
      )}
    </>
  );
}

function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null;
}

function valueAt(branch: Branch, key: string): unknown {
  return Object.getOwnPropertyDescriptor(branch, key)?.value;
}
