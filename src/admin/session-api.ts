/** `/api/session`: how a browser shows the token once, and is known from then on. */
import Router from '@koa/router';
import { fail } from './errors.ts';
import type { Guard } from './guard.ts';
import { readJson } from './json-body.ts';
import { described, sessionBody } from './requests.ts';

const BODY_LIMIT_BYTES = 4 * 1024;

/** For whoever has no session yet: nothing else is to be had here without one. */
export function sessionApi(guard: Pick<Guard, 'signIn' | 'signOut'>): Router {
  const router = new Router({ prefix: '/api/session' });

  router.post('/', async (context) => {
    const read = await readJson(context, BODY_LIMIT_BYTES);
    if (!read.ok) return;
    const body = sessionBody.safeParse(read.value);
    if (!body.success) return fail(context, 'bad-request', described(body.error));
    await guard.signIn(context, body.data.token);
  });

  router.delete('/', (context) => guard.signOut(context));
  router.post('/end', (context) => guard.signOut(context));
  return router;
}
