import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { ApiError, messageOf, tell } from './api.ts';
import { signedIn } from './session.ts';

const WRONG = 'That is not a token of this relay. They stand in its config file, under admin.';

export function SignIn() {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    tell('api/session', { token: field.current?.value ?? '' })
      .then(signedIn, (error: unknown) => {
        setFault(error instanceof ApiError && error.status === 401 ? WRONG : messageOf(error));
        field.current?.select();
      })
      .finally(() => setBusy(false));
  };
  return (
    <main className="sign-in">
      <form className="panel" onSubmit={submit}>
        <h1>alo-relay</h1>
        <p className="soft" id={`${id}-help`}>
          This relay asks for a token of its config file: <code>admin.token</code>, or{' '}
          <code>admin.read_only_token</code>, which shows everything and changes nothing.
        </p>
        <label htmlFor={id}>Token</label>
        <input
          id={id}
          ref={field}
          type="password"
          name="token"
          autoComplete="current-password"
          aria-describedby={`${id}-help`}
          aria-invalid={fault !== null}
          required
        />
        {fault !== null && (
          <p className="fault-line" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" className="button button-primary" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
