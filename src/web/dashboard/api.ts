/** The admin listener, asked from the page it served. */
import { parseJson } from '../../core/json.ts';
import { requireSignIn } from './session.ts';

/** What went wrong, in a sentence for the reader. */
export class ApiError extends Error {
  /** 0 where no answer came. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const GONE = 'The relay does not answer. Is it running? This page asks again by itself.';

/** Throws an {@link ApiError}; a 401 shows the sign-in as well. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, { credentials: 'same-origin', ...init }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, GONE);
  });
  if (response.ok) return answerOf(response);
  if (response.status === 401) requireSignIn();
  throw new ApiError(response.status, await objectionOf(response));
}

/** Sends JSON, which no form of another site can. */
export function tell<T>(path: string, body: unknown): Promise<T> {
  return ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong in this page.';
}

async function answerOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    return parseJson<T>(text);
  } catch {
    throw new ApiError(response.status, 'The relay answered with something else than JSON. Is this its own address?');
  }
}

async function objectionOf(response: Response): Promise<string> {
  const answer = await response.json().catch(() => null);
  const message: unknown = answer?.error?.message;
  return typeof message === 'string' ? message : `The relay answered ${response.status}.`;
}
