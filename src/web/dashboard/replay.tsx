/** Sending again, in two steps: what it would do is said before anything is done. */
import { type ReactNode, useId, useRef, useState } from 'react';
import type { ReplayResult } from '../../history/outcomes.ts';
import { messageOf, tell } from './api.ts';
import { Effect } from './replay-effect.tsx';
import { useMayChange } from './role.ts';

/** As POST /api/replay takes it. */
interface ReplayRequest {
  readonly ids?: readonly string[];
  readonly states?: readonly ('dead' | 'parked')[];
}

interface ReplayProps {
  readonly label: string;
  /** What is sent again: the dialog's head. */
  readonly title: string;
  readonly request: ReplayRequest;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  /** It has been sent; what is shown is old. */
  readonly done: () => void;
}

export function Replay({ label, title, request, primary = false, disabled = false, done }: ReplayProps): ReactNode {
  const [open, setOpen] = useState(false);
  const mayChange = useMayChange();
  const close = (changed: boolean) => {
    setOpen(false);
    if (changed) done();
  };
  if (!mayChange) return null;
  return (
    <>
      <button
        type="button"
        className={primary ? 'button button-primary' : 'button'}
        disabled={disabled}
        onClick={() => setOpen(true)}
      >
        {label}
      </button>
      {open && <ReplayDialog title={title} request={request} close={close} />}
    </>
  );
}

type ReplayStep =
  | { readonly kind: 'asking' }
  | { readonly kind: 'effect'; readonly effect: ReplayResult }
  | { readonly kind: 'sending' }
  | { readonly kind: 'done'; readonly result: ReplayResult }
  | { readonly kind: 'failed'; readonly message: string };

interface DialogProps {
  readonly title: string;
  readonly request: ReplayRequest;
  readonly close: (changed: boolean) => void;
}

function ReplayDialog({ title, request, close }: DialogProps) {
  const id = useId();
  const [again, setAgain] = useState(false);
  const { step, open, ask, send } = useSteps(request, again);
  const changed = step.kind === 'done';
  const nothing = step.kind === 'effect' && step.effect.deliveries === 0;
  const chooseAgain = (to: boolean) => {
    setAgain(to);
    ask(to);
  };
  return (
    <dialog className="dialog" ref={open} aria-labelledby={id} onClose={() => close(changed)}>
      <h2 id={id}>{title}</h2>
      <div className="dialog-body" aria-live="polite">
        {step.kind === 'asking' && <p className="soft">Asking what it would do…</p>}
        {step.kind === 'sending' && <p className="soft">Sending…</p>}
        {step.kind === 'effect' && <Effect result={step.effect} />}
        {step.kind === 'done' && <Effect result={step.result} />}
        {step.kind === 'failed' && (
          <p className="fault-line" role="alert">
            {step.message}
          </p>
        )}
      </div>
      {!changed && (
        <label className="check">
          <input
            type="checkbox"
            checked={again}
            disabled={step.kind === 'asking' || step.kind === 'sending'}
            onChange={(event) => chooseAgain(event.currentTarget.checked)}
          />{' '}
          Send what has gone out already once more, too
        </label>
      )}
      <form method="dialog" className="dialog-end">
        <button type="submit" className="button">
          {changed ? 'Close' : 'Cancel'}
        </button>
        {step.kind === 'failed' && (
          <button type="button" className="button" onClick={() => ask(again)}>
            Try again
          </button>
        )}
        {!changed && step.kind !== 'failed' && (
          <button
            type="button"
            className="button button-primary"
            disabled={step.kind !== 'effect' || nothing}
            onClick={send}
          >
            Send again
          </button>
        )}
      </form>
    </dialog>
  );
}

function useSteps(request: ReplayRequest, again: boolean) {
  const [step, setStep] = useState<ReplayStep>({ kind: 'asking' });
  const shown = useRef<HTMLDialogElement>(null);
  const failed = (error: unknown) => setStep({ kind: 'failed', message: messageOf(error) });
  const ask = (withSent: boolean) => {
    setStep({ kind: 'asking' });
    tell<ReplayResult>('api/replay', { ...request, again: withSent, dry_run: true }).then(
      (effect) => setStep({ kind: 'effect', effect }),
      failed,
    );
  };
  const send = () => {
    setStep({ kind: 'sending' });
    tell<ReplayResult>('api/replay', { ...request, again }).then((result) => setStep({ kind: 'done', result }), failed);
  };
  /** Opened, and asked, as soon as it stands in the page; once. */
  const open = (dialog: HTMLDialogElement | null) => {
    if (dialog === null || shown.current !== null) return;
    shown.current = dialog;
    dialog.showModal();
    ask(again);
  };
  return { step, open, ask, send };
}
