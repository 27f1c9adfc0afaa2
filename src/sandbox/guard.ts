/** Who may see the page and steer the sandbox: browsers that came to this very address, and programs. */
import type { Middleware } from 'koa';
import { objectionTo } from '../core/own-address.ts';

const OBJECTIONS = {
  'wrong-host': 'The sandbox answers under its own address only: open it as http://127.0.0.1 with its port.',
  'foreign-origin': 'The sandbox takes no requests from other sites.',
};

/** `host`: the address listened on. */
export function guard(host: string): Middleware {
  return async (context, next) => {
    const objection = objectionTo(context.headers, host);
    if (objection === null) return next();
    context.status = 403;
    context.body = { error: OBJECTIONS[objection] };
  };
}

/** Whether it comes from this machine: only then may it change anything. */
export function isLocal(remoteAddress: string | undefined): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(remoteAddress ?? '');
}
