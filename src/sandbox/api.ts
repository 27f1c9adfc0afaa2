/** The Web API over HTTP: arguments, token, faults, rate limit, method, answer; in this order. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { type Arguments, parseArguments, text } from './arguments.ts';
import { readBody } from './body.ts';
import type { Call } from './methods/method.ts';
import { METHODS } from './methods/registry.ts';
import type { Fault, Faults } from './panel/faults.ts';
import { Refusal } from './refusal.ts';
import { faultyResponse, rateLimited, refusal, type SandboxResponse, send, sendHalf, success } from './responses.ts';
import { lacksScope } from './scopes.ts';
import type { Throttle } from './throttle.ts';
import type { Workspace } from './workspace.ts';

export interface ApiOptions {
  readonly workspace: Workspace;
  readonly faults: Faults;
  readonly clock: Clock;
  /** null: as fast as it goes. */
  readonly throttle: Throttle | null;
  /** Those of every token. */
  readonly scopes: ReadonlySet<string>;
}

interface Request {
  readonly method: string;
  readonly token: string;
  readonly args: Arguments;
}

export class Api {
  readonly #options: ApiOptions;
  readonly #waiting = new Set<() => void>();
  readonly #calls = new Map<string, number>();

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** How often each method was called, faults included. */
  get calls(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#calls);
  }

  async handle(method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === null) {
      send(response, { status: 413, headers: { connection: 'close' }, body: '' });
      return;
    }
    try {
      const args = parseArguments(body, request.headers['content-type']);
      const token = tokenOf(request, args);
      if (token === undefined) throw new Refusal('not_authed');
      this.#calls.set(method, (this.#calls.get(method) ?? 0) + 1);
      this.#answer({ method, token, args }, response);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, refusal(error));
    }
  }

  /** Answers that a `slow` fault held back are dropped. */
  close(): void {
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
  }

  #answer(request: Request, response: ServerResponse): void {
    const fault = this.#options.faults.take(() => ({ ...request, channels: this.#channels(request.args) }));
    if (fault === undefined) send(response, this.#perform(request));
    else this.#spoil(fault, request, response);
  }

  #spoil(fault: Fault, request: Request, response: ServerResponse): void {
    const perform = () => this.#perform(request, fault);
    if ('acts' in fault && fault.acts === true) perform();
    switch (fault.kind) {
      case 'hang':
        // Until the caller gives up, or `close` ends every connection.
        break;
      case 'drop_before':
        response.destroy();
        break;
      case 'drop_after':
        perform();
        response.destroy();
        break;
      case 'truncate':
        sendHalf(response, perform());
        break;
      case 'slow': {
        const answer = perform();
        this.#later(fault.ms, () => send(response, answer));
        break;
      }
      case 'lag':
        send(response, perform());
        break;
      default:
        send(response, faultyResponse(fault));
    }
  }

  #perform({ method, token, args }: Request, fault?: Fault): SandboxResponse {
    const perform = METHODS.get(method);
    if (perform === undefined) return refusal(new Refusal('unknown_method'));
    const wait = method === 'chat.postMessage' ? this.#throttled(token, args) : 0;
    if (wait > 0) return rateLimited(wait);
    const { workspace, scopes } = this.#options;
    if (lacksScope(method, args, scopes)) return refusal(new Refusal('missing_scope'));
    const hiddenFromMicros = fault?.kind === 'lag' ? workspace.nowMicros() - fault.ms * 1000 + 1 : undefined;
    const call: Call = { workspace, args, hiddenFromMicros };
    try {
      return success(perform(call), scopes);
    } catch (error) {
      if (error instanceof Refusal) return refusal(error);
      throw error;
    }
  }

  /** Whole seconds to wait, 0 for none. */
  #throttled(token: string, args: Arguments): number {
    const { throttle, workspace } = this.#options;
    if (throttle === null) return 0;
    const conversation = workspace.conversation(text(args, 'channel') ?? '');
    return conversation === undefined ? 0 : throttle.take({ token, channel: conversation.id });
  }

  /** What a fault may call the channel, without `#`. */
  #channels(args: Arguments): readonly string[] {
    const named = text(args, 'channel');
    if (named === undefined) return [];
    const conversation = this.#options.workspace.conversation(named);
    return conversation === undefined ? [named.replace(/^#/, '')] : [conversation.id, conversation.name];
  }

  #later(ms: number, act: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#waiting.delete(cancel);
      act();
    });
    this.#waiting.add(cancel);
  }
}

function tokenOf(request: IncomingMessage, args: Arguments): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '');
  return bearer?.[1] ?? text(args, 'token');
}
