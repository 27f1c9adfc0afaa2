/**
 * Who may ask, and for what. With a token: whoever has it or the read-only one, or a browser that showed one and has a
 * session since. Without one the listener is on loopback, everybody is an operator, and a browser on this machine is the
 * way in that is left (origin.ts).
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { Role } from '../core/actor.ts';
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
  readonly readOnlyToken: Secret | null;
  readonly clock: Pick<Clock, 'monotonic'>;
}

export interface Guard {
  /** For everything, pages included: refuses what a foreign site makes a browser ask for. */
  readonly keepOut: Middleware;
  /**
   * For everything but the pages and signing in. Leaves `state.role`, and `state.stillAllowed` for answers that go on for
   * long.
   */
  readonly admit: Middleware;
  /** Begins a session where the token is right; answers in any case. */
  signIn(context: Context, token: string): Promise<void>;
  signOut(context: Context): void;
}

export function createGuard({ host, token, readOnlyToken, clock }: GuardParts): Guard {
  const sessions = new Sessions(clock);
  const failed = new FailedAttempts();

  /** Null, and answered, where it is no token. A right one passes whatever came before it: only wrong ones are counted. */
  async function roleOf(given: string, context: Context): Promise<Role | null> {
    const [isOperator, isReader] = [isSame(given, token), isSame(given, readOnlyToken)];
    if (isOperator || isReader) return isOperator ? 'operator' : 'read-only';
    const blockedMs = await failed.note(context.req.socket.remoteAddress ?? '');
    if (blockedMs > 0) context.set('retry-after', String(Math.ceil(blockedMs / 1000)));
    fail(context, blockedMs > 0 ? 'too-many-attempts' : 'unauthorized');
    return null;
  }

  /** Null, and answered, where there is no session, or another site's page uses it. */
  function roleOfSession(context: Context): Role | null {
    const id = sessionIdIn(context);
    const role = id === null ? null : sessions.use(id);
    if (id === null || role === null) {
      fail(context, 'unauthorized');
      return null;
    }
    context.state.stillAllowed = () => sessions.has(id);
    // The cookie is not sent from elsewhere; this holds where a browser, or a neighbour on this host, does otherwise.
    if (SAFE_METHODS.has(context.method) || fromOwnPage(context.headers)) return role;
    fail(context, 'foreign-origin');
    return null;
  }

  async function admitted(context: Context): Promise<Role | null> {
    if (token === null) return 'operator';
    const authorization = context.get('authorization');
    return authorization === '' ? roleOfSession(context) : roleOf(bearerIn(authorization), context);
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
      const role = await admitted(context);
      if (role === null) return;
      if (role === 'read-only' && !changesNothing(context)) return fail(context, 'read-only');
      context.state.role = role;
      await next();
    },

    async signIn(context, given) {
      // Or another site could sign a browser in, as somebody else.
      if (!fromOwnPage(context.headers)) return fail(context, 'foreign-origin');
      if (token !== null) {
        const role = await roleOf(given, context);
        if (role === null) return;
        setSessionCookie(context, sessions.begin(role));
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

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Rules that are tried out are sent in a body, and take no effect. */
const SAFE_PATHS: ReadonlySet<string> = new Set(['/api/playground']);

function changesNothing({ method, path }: Context): boolean {
  return SAFE_METHODS.has(method) || SAFE_PATHS.has(path);
}

function bearerIn(authorization: string): string {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  return given;
}

/** The digests are compared, in constant time: neither content nor length of the token shows in how long it takes. */
function isSame(given: string, token: Secret | null): boolean {
  if (token === null) return false;
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token.reveal(), 'buffer'));
}
