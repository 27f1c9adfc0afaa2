/** `/_sandbox/…`: what the page reads, and what tests in another process check and steer. */
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import { readBody } from './body.ts';
import { isLocal } from './guard.ts';
import { BOT } from './ids.ts';
import { type Faults, faultSchema } from './panel/faults.ts';
import { CONDITIONS } from './panel/outages.ts';
import type { Panel } from './panel/panel.ts';
import { sendOrderSchema } from './panel/sample-events.ts';
import { Refusal } from './refusal.ts';
import { workspaceState } from './state.ts';
import { conversationView } from './view.ts';
import type { FormerView } from './views.ts';
import type { Workspace } from './workspace.ts';

export interface ControlOptions {
  readonly workspace: Workspace;
  readonly faults: Faults;
  readonly panel: Panel;
  readonly calls: () => Readonly<Record<string, number>>;
  readonly hint: string | null;
}

const channel = z.string().min(1);
const archiveSchema = z.strictObject({ channel, archived: z.boolean().default(true) });
const deleteSchema = z.strictObject({ channel, ts: z.string().min(1) });
const membershipSchema = z.strictObject({ channel, member: z.boolean() });
const outageSchema = z.strictObject({ condition: z.enum(CONDITIONS), on: z.boolean() });
const straysSchema = z.strictObject({ posted: z.boolean() });
const personSchema = z.strictObject({ email: z.string().min(1), tz: z.string().min(1) });
const faultsSchema = z.preprocess((body) => [body].flat(), z.array(faultSchema));

/** Everything below `/_sandbox`. */
export function control(options: ControlOptions): Router {
  const router = new Router({ prefix: '/_sandbox' });
  router.use(async (context, next) => {
    if (context.method === 'GET' || isLocal(context.req.socket.remoteAddress)) return next();
    fail(context, 403, 'The sandbox takes orders from its own machine only.');
  });
  addViews(router, options);
  addOrders(router, options);
  router.all('/{*path}', (context) => fail(context, 404, `There is no ${context.method} ${context.path} here.`));
  return router;
}

function addViews(router: Router, { workspace, calls, hint }: ControlOptions): void {
  const conversationOf = ({ query }: Context) => workspace.conversations.find(({ id }) => id === query.id);

  router.get('/state', (context) => {
    context.body = { ...workspaceState(workspace), calls: calls() };
  });
  router.get('/welcome', (context) => {
    context.body = { hint, app: { user: BOT.userId, name: 'alo-relay' } };
  });
  // The newest messages of `id`, or those around a `ts`, and with `thread` that thread too.
  router.get('/conversation', (context) => {
    const conversation = conversationOf(context);
    if (conversation === undefined) return fail(context, 404, 'There is no such conversation.');
    const { searchParams } = context.URL;
    const [thread, around] = [searchParams.get('thread'), searchParams.get('around')];
    context.body = conversationView(workspace, conversation, { thread, around });
  });
  // What a message was before it was updated, oldest first.
  router.get('/former', (context) => {
    const message = conversationOf(context)?.find(context.URL.searchParams.get('ts') ?? '');
    if (message === undefined) return fail(context, 404, 'There is no such message.');
    const former = message.former.map(({ blocks, ...former }): FormerView => ({ ...former, blocks: blocks ?? null }));
    context.body = { former };
  });
}

function addOrders(router: Router, { workspace, panel, faults }: ControlOptions): void {
  /** Does what is asked for: 400 for what is no such order, 404 where Slack would refuse it. */
  function order<T>(path: string, schema: z.ZodType<T>, act: (asked: T) => unknown): void {
    router.post(path, async (context) => {
      const asked = schema.safeParse(await readJson(context));
      if (!asked.success) return fail(context, 400, z.prettifyError(asked.error));
      try {
        context.body = (await act(asked.data)) ?? { ok: true };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        fail(context, 404, error.code);
      }
    });
  }

  order('/all-well', z.unknown(), () => panel.allWell());
  order('/reset', z.unknown(), () => {
    panel.allWell();
    workspace.reset();
  });
  order('/outages', outageSchema, ({ condition, on }) => {
    if (on) panel.outages.start(condition);
    else panel.outages.stop(condition);
    return { outages: panel.outages.state };
  });
  order('/archive', archiveSchema, ({ channel, archived }) => workspace.archive(channel, archived));
  order('/delete', deleteSchema, ({ channel, ts }) => workspace.delete(channel, ts));
  order('/membership', membershipSchema, ({ channel, member }) => workspace.setMember(channel, member));
  order('/strays', straysSchema, ({ posted }) => {
    workspace.straysPosted = posted;
  });
  order('/people', personSchema, ({ email, tz }) => {
    if (!workspace.people.move(email, tz)) throw new Refusal('users_not_found');
  });
  order('/faults', faultsSchema, (asked) => {
    for (const fault of asked) faults.add(fault);
    return { ok: true, faults: faults.pending };
  });
  router.get('/faults', (context) => {
    context.body = { faults: faults.pending };
  });
  router.delete('/faults', (context) => {
    panel.outages.clear();
    faults.clear();
    context.body = { ok: true };
  });
  router.post('/send', sendEvents(panel));
}

function sendEvents(panel: Panel): Middleware {
  return async (context) => {
    const asked = sendOrderSchema.safeParse(await readJson(context));
    if (!asked.success) return fail(context, 400, z.prettifyError(asked.error));
    try {
      const result = await panel.send(asked.data);
      if (result === 'nobody') return fail(context, 404, 'Nothing is here that could send events to a relay.');
      if (result === 'busy') return fail(context, 429, 'What was asked for before is still being sent.');
      context.body = result;
    } catch (error) {
      fail(context, 400, error instanceof Error ? error.message : String(error));
    }
  };
}

function fail(context: Context, status: number, error: string): void {
  context.status = status;
  context.body = { error };
}

async function readJson({ req }: Context): Promise<unknown> {
  try {
    return JSON.parse((await readBody(req)) ?? '');
  } catch {
    return undefined;
  }
}
