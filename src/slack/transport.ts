/**
 * The `fetch` under the Slack client: undici's keep-alive connections, without the parts of `fetch` that cost most.
 *
 * - The whole body is awaited, so that an answer that dies half-way is an error of the request.
 * - Nothing is sent twice. undici may move a request that it has not begun to write to another connection, never
 *   one that it has; `reached` says which of the two a failed request was.
 * - Redirects are answers, not followed: the token goes to the configured server only.
 */
import type { FetchFunction } from '@slack/web-api';
import { type Dispatcher, Pool } from 'undici';

interface TransportOptions {
  /** Every request starts with it. */
  readonly apiUrl: string;
  /** For all of a request: waiting for a connection, connecting, the answer with its body. */
  readonly timeoutMs: number;
  readonly connections: number;
  /** Gets the `Date` of every answer that may be Slack's. */
  readonly onDate?: (date: string) => void;
  /** Asked at the last moment, before the first byte of a request is written. */
  readonly maySend?: (url: string) => boolean;
}

/** The code of a request that `maySend` stopped. */
export const NOT_OURS = 'NOT_OURS';

/** A request without a whole answer. Says nothing of what was sent or received. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** Node's or undici's error code, `TIMED_OUT` or `NOT_OURS`. */
  readonly code: string;
  /** Whether some of the request may have left for the server. */
  readonly reached: boolean;

  constructor(code: string, reached: boolean) {
    super(`no answer (${code})`);
    this.code = code;
    this.reached = reached;
  }
}

/** Far above any answer to the methods called here. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * Below the idle time after which servers hang up (5 s in Node, 60 s in front of Slack): a connection that the
 * server closes while we write leaves it open whether the message was posted. A server's own hint is honoured.
 */
const KEEP_ALIVE_MS = 4_000;

/** What a 429 that names no time is taken to ask for. */
const RETRY_AFTER_S = '10';

interface Transport {
  readonly fetch: FetchFunction;
  close(): Promise<void>;
}

/** The same through another `fetch`, without connections and a time-out of our own: for tests of the wire. */
export function transportThrough(
  fetch: typeof globalThis.fetch,
  { onDate, maySend = () => true }: Pick<TransportOptions, 'onDate' | 'maySend'>,
): Transport {
  return {
    async fetch(url, init) {
      if (!maySend(String(url))) throw new TransportError(NOT_OURS, false);
      const response = await fetch(url, { ...init, redirect: 'manual' });
      const headers = Object.fromEntries(response.headers);
      return bufferedResponse(
        { url: String(url), status: response.status, headers, text: await response.text() },
        onDate,
      );
    },
    close: () => Promise.resolve(),
  };
}

/** Throws a TypeError where `apiUrl` is no URL. */
export function createTransport(options: TransportOptions): Transport {
  const { apiUrl, timeoutMs, connections, onDate, maySend = () => true } = options;
  const { origin } = new URL(apiUrl);
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    // One request a connection, so that a connection that dies leaves one message in doubt.
    allowH2: false,
    connectTimeout: timeoutMs,
    // The exchange has one deadline for everything; undici's would only bound the silence between two chunks.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: 60_000,
    maxResponseSize: MAX_RESPONSE_BYTES,
  });
  let closing: Promise<void> | undefined;
  return {
    fetch: (url, init = {}) => {
      const target = String(url);
      const { method = 'GET', headers = {}, body, signal } = init;
      if (!target.startsWith(`${origin}/`) || (body !== undefined && typeof body !== 'string')) {
        return Promise.reject(new TransportError('UND_ERR_INVALID_ARG', false));
      }
      const request = { path: target.slice(origin.length), method, headers, body: body ?? null };
      return new Promise((resolve, reject) => {
        const exchange = new Exchange({ url: target, timeoutMs, signal, onDate, maySend, resolve, reject });
        exchange.sendThrough(pool, request);
      });
    },
    close: () => (closing ??= pool.close()),
  };
}

type FetchResponse = Awaited<ReturnType<FetchFunction>>;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

interface Settling {
  readonly url: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onDate: TransportOptions['onDate'];
  readonly maySend: (url: string) => boolean;
  readonly resolve: (response: FetchResponse) => void;
  readonly reject: (error: unknown) => void;
}

/** One request and its answer. Settles once; whatever undici reports afterwards finds it settled. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #settling: Settling;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  readonly #onAbort = () => this.#giveUp('ABORTED');
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #headers: Headers = {};

  constructor(settling: Settling) {
    this.#settling = settling;
    this.#timer = setTimeout(() => this.#giveUp('TIMED_OUT'), settling.timeoutMs);
  }

  sendThrough(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions): void {
    const { signal } = this.#settling;
    if (signal?.aborted) {
      this.#giveUp('ABORTED');
      return;
    }
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    try {
      dispatcher.dispatch(request, this);
    } catch (error) {
      this.#fail(codeOf(error));
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Before the first byte is written: the last moment at which not sending is certain.
    if (this.#settled || this.#controller !== undefined) {
      controller.abort(new TransportError('ABORTED', this.#controller !== undefined));
      return;
    }
    // Known limit: a process that is stopped between this line and the write sends when it goes on.
    if (!this.#settling.maySend(this.#settling.url)) {
      this.#fail(NOT_OURS);
      controller.abort(new TransportError(NOT_OURS, false));
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    const { url, onDate, resolve, reject } = this.#settling;
    const text = Buffer.concat(this.#chunks).toString('utf8');
    try {
      resolve(bufferedResponse({ url, status: this.#status, headers: this.#headers, text }, onDate));
    } catch (error) {
      reject(error);
    }
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(codeOf(error));
  }

  #giveUp(code: string): void {
    this.#fail(code);
    this.#controller?.abort(new TransportError(code, true));
  }

  #fail(code: string): void {
    if (this.#settle()) this.#settling.reject(new TransportError(code, this.#controller !== undefined));
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#settling.signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }
}

interface ResponseParts {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Throws for what Slack never says. */
function bufferedResponse(parts: ResponseParts, onDate: TransportOptions['onDate']): BufferedResponse {
  const { status, headers, text } = parts;
  // web-api takes any text for an error code of Slack's, a proxy's `healthy` too.
  if (status === 200 && !text.trimStart().startsWith('{')) throw new TransportError('NOT_JSON', true);
  // What stands between us and Slack has clocks of its own: its errors tell nothing of Slack's.
  if (status === 200 && typeof headers.date === 'string') onDate?.(headers.date);
  return new BufferedResponse(parts);
}

class BufferedResponse implements FetchResponse {
  readonly url: string;
  readonly status: number;
  readonly statusText = '';
  readonly headers = { get: (name: string) => this.#header(name), entries: () => this.#entries() };
  readonly #parts: ResponseParts;

  constructor(parts: ResponseParts) {
    this.url = parts.url;
    this.status = parts.status;
    this.#parts = parts;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  async text(): Promise<string> {
    return this.#parts.text;
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.#parts.text);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new TextEncoder().encode(this.#parts.text).buffer;
  }

  #header(name: string): string | null {
    const value = this.#parts.headers[name.toLowerCase()];
    // web-api throws an error without a code for a 429 whose Retry-After it cannot read.
    if (this.status === 429 && name === 'retry-after' && Number.isNaN(Number.parseInt(String(value), 10))) {
      return RETRY_AFTER_S;
    }
    return value === undefined ? null : String(value);
  }

  #entries(): [string, string][] {
    return Object.entries(this.#parts.headers).map(([name, value]) => [name, String(value)]);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof TransportError) return error.code;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
