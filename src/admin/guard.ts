/**
 * Who may ask. With a token: whoever has it, or a browser that showed it and has a session since. Without one the
 * listener is on loopback, and a browser on this machine is the way in that is left (origin.ts).
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Clock } from '../core/clock.ts';
import { objectionTo } from '../core/own-address.ts';
import type { Secret } from '../core/secret.ts';
import { sessionIdIn, setSessionCookie } from './cookie.ts';
import { fail } from './errors.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { fromElsewhere, fromOwnPage } from './origin.ts';
import { Sessions } from './sessions.ts';

export interface GuardParts {
  /** The address it listens on. */
  readonly host: string;
  readonly token: Secret | null;
  readonly clock: Pick<Clock, 'monotonic'>;
}

export interface Guard {
  /** For everything, pages included: refuses what a foreign site makes a browser ask for. */
  readonly keepOut: Middleware;
  /** For everything but the pages and signing in. Leaves `state.stillAllowed` for answers that go on for long. */
  readonly admit: Middleware;
  /** Begins a session where the token is right; answers in any case. */
  signIn(context: Context, token: string): Promise<void>;
  signOut(context: Context): void;
}

export function createGuard({ host, token, clock }: GuardParts): Guard {
  const sessions = new Sessions(clock);
  const failed = new FailedAttempts();

  /** Answers where it is not. The right token passes whatever came before it: only wrong ones are counted and limited. */
  async function isToken(given: string, wanted: Secret, context: Context): Promise<boolean> {
    if (isSame(given, wanted)) return true;
    const blockedMs = await failed.note(context.req.socket.remoteAddress ?? '');
    if (blockedMs > 0) context.set('retry-after', String(Math.ceil(blockedMs / 1000)));
    fail(context, blockedMs > 0 ? 'too-many-attempts' : 'unauthorized');
    return false;
  }

  function hasSession(context: Context): boolean {
    const id = sessionIdIn(context);
    if (id === null || !sessions.use(id)) {
      fail(context, 'unauthorized');
      return false;
    }
    context.state.stillAllowed = () => sessions.has(id);
    // The cookie is not sent from elsewhere; this holds where a browser, or a neighbour on this host, does otherwise.
    if (CHANGES_NOTHING.has(context.method) || fromOwnPage(context.headers)) return true;
    fail(context, 'foreign-origin');
    return false;
  }

  return {
    async keepOut(context, next) {
      const objection = token === null ? objectionTo(context.headers, host) : null;
      if (objection !== null) return fail(context, objection);
      if (fromElsewhere(context.headers)) return fail(context, 'foreign-origin');
      await next();
    },

    async admit(context, next) {
      context.state.stillAllowed = () => true;
      if (token !== null) {
        const authorization = context.get('authorization');
        const admitted =
          authorization === '' ? hasSession(context) : await isToken(bearerIn(authorization), token, context);
        if (!admitted) return;
      }
      await next();
    },

    async signIn(context, given) {
      // Or another site could sign a browser in, as somebody else.
      if (!fromOwnPage(context.headers)) return fail(context, 'foreign-origin');
      if (token !== null) {
        if (!(await isToken(given, token, context))) return;
        setSessionCookie(context, sessions.begin());
      }
      context.body = {};
    },

    signOut(context) {
      if (!fromOwnPage(context.headers)) return fail(context, 'foreign-origin');
      const id = sessionIdIn(context);
      if (id !== null) sessions.end(id);
      setSessionCookie(context, null);
      context.body = {};
    },
  };
}

const CHANGES_NOTHING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

function bearerIn(authorization: string): string {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  return given;
}

/** The digests are compared, in constant time: neither content nor length of the token shows in how long it takes. */
function isSame(given: string, token: Secret): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token.reveal(), 'buffer'));
}
