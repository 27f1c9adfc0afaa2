/** Dismissing what did not arrive: nothing is done before a reason is given. */
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import type { DismissResult } from '../../history/outcomes.ts';
import { messageOf, tell } from './api.ts';
import { useMayChange } from './role.ts';
import { many, seen } from './words.ts';

interface DismissProps {
  readonly label: string;
  /** The dialog's head. */
  readonly title: string;
  /** As POST /api/dismiss takes it. */
  readonly request: { readonly ids?: readonly string[]; readonly states?: readonly ('dead' | 'parked')[] };
  readonly disabled?: boolean;
  /** It has been done; what is shown is old. */
  readonly done: () => void;
}

export function Dismiss({ label, title, request, disabled = false, done }: DismissProps): ReactNode {
  const [open, setOpen] = useState(false);
  const mayChange = useMayChange();
  const close = (changed: boolean) => {
    setOpen(false);
    if (changed) done();
  };
  if (!mayChange) return null;
  return (
    <>
      <button type="button" className="button" disabled={disabled} onClick={() => setOpen(true)}>
        {label}
      </button>
      {open && <DismissDialog title={title} request={request} close={close} />}
    </>
  );
}

interface DialogProps extends Pick<DismissProps, 'title' | 'request'> {
  readonly close: (changed: boolean) => void;
}

function DismissDialog({ title, request, close }: DialogProps) {
  const id = useId();
  const [reason, setReason] = useState('');
  const [by, setBy] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [result, setResult] = useState<DismissResult | null>(null);
  const shown = useRef<HTMLDialogElement>(null);
  const open = (dialog: HTMLDialogElement | null) => {
    if (dialog === null || shown.current !== null) return;
    shown.current = dialog;
    dialog.showModal();
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    tell<DismissResult>('api/dismiss', { ...request, reason, by: by.trim() === '' ? null : by })
      .then(setResult, (error: unknown) => setFault(messageOf(error)))
      .finally(() => setBusy(false));
  };
  return (
    <dialog className="dialog" ref={open} aria-labelledby={id} onClose={() => close(result !== null)}>
      <h2 id={id}>{title}</h2>
      <div className="dialog-body" aria-live="polite">
        {result === null ? (
          <p className="soft">It is not sent. It can still be replayed by its number.</p>
        ) : (
          <Done result={result} />
        )}
        {fault !== null && (
          <p className="fault-line" role="alert">
            {fault}
          </p>
        )}
      </div>
      {result === null ? (
        <form onSubmit={send}>
          <label className="dialog-field">
            Reason
            <input
              required
              maxLength={1000}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          </label>
          <label className="dialog-field">
            Your name (optional)
            <input maxLength={200} value={by} onChange={(event) => setBy(event.currentTarget.value)} />
          </label>
          <div className="dialog-end">
            <button type="button" className="button" onClick={() => shown.current?.close()}>
              Cancel
            </button>
            <button type="submit" className="button button-primary" disabled={busy || reason.trim() === ''}>
              Dismiss
            </button>
          </div>
        </form>
      ) : (
        <form method="dialog" className="dialog-end">
          <button type="submit" className="button">
            Close
          </button>
        </form>
      )}
    </dialog>
  );
}

function Done({ result: { dismissed, skipped } }: { readonly result: DismissResult }) {
  return (
    <>
      <p className="effect">{many(dismissed, 'delivery was', 'deliveries were')} dismissed.</p>
      {skipped.map(({ code, detail, count }) => (
        <p key={code} className="soft">
          <b>{count} ×</b> {seen(detail)}
        </p>
      ))}
    </>
  );
}
