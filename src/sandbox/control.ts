/** `/_sandbox/…`: what the page reads, and what tests in another process check and steer. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { readBody } from './body.ts';
import { BOT } from './ids.ts';
import { type Faults, faultSchema } from './panel/faults.ts';
import { CONDITIONS } from './panel/outages.ts';
import type { Panel } from './panel/panel.ts';
import { sendOrderSchema } from './panel/sample-events.ts';
import { Refusal } from './refusal.ts';
import { json, type SandboxResponse } from './responses.ts';
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

type Route = (
  options: ControlOptions,
  request: IncomingMessage,
  query: URLSearchParams,
) => SandboxResponse | Promise<SandboxResponse>;

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['GET /state', ({ workspace, calls }) => json({ ...workspaceState(workspace), calls: calls() })],
  ['GET /welcome', ({ hint }) => json({ hint, app: { user: BOT.userId, name: 'alo-relay' } })],
  ['GET /conversation', showConversation],
  ['GET /former', showFormer],
  ['POST /send', sendEvents],
  ['POST /outages', changeOutage],
  ['POST /all-well', allWell],
  ['POST /reset', reset],
  ['POST /archive', order(archiveSchema, (workspace, { channel, archived }) => workspace.archive(channel, archived))],
  ['POST /delete', order(deleteSchema, (workspace, { channel, ts }) => workspace.delete(channel, ts))],
  [
    'POST /membership',
    order(membershipSchema, (workspace, { channel, member }) => workspace.setMember(channel, member)),
  ],
  ['POST /strays', order(straysSchema, showStrays)],
  ['POST /people', order(personSchema, movePerson)],
  ['GET /faults', ({ faults }) => json({ faults: faults.pending })],
  ['POST /faults', addFaults],
  ['DELETE /faults', clearFaults],
]);

/** The answer to `/_sandbox<path>`; an unknown pair of method and path is not found. */
export async function control(options: ControlOptions, request: IncomingMessage, url: URL): Promise<SandboxResponse> {
  const path = url.pathname.slice('/_sandbox'.length);
  const route = ROUTES.get(`${request.method} ${path}`);
  if (route === undefined) return json({ error: `There is no ${request.method} ${url.pathname} here.` }, 404);
  return route(options, request, url.searchParams);
}

/** The newest messages of `id`, or those around a `ts`, and with `thread` that thread too. */
function showConversation({ workspace }: ControlOptions, _: IncomingMessage, query: URLSearchParams): SandboxResponse {
  const conversation = workspace.conversations.find(({ id }) => id === query.get('id'));
  if (conversation === undefined) return json({ error: 'There is no such conversation.' }, 404);
  return json(conversationView(workspace, conversation, { thread: query.get('thread'), around: query.get('around') }));
}

/** What a message was before it was updated, oldest first. */
function showFormer({ workspace }: ControlOptions, _: IncomingMessage, query: URLSearchParams): SandboxResponse {
  const conversation = workspace.conversations.find(({ id }) => id === query.get('id'));
  const message = conversation?.find(query.get('ts') ?? '');
  if (message === undefined) return json({ error: 'There is no such message.' }, 404);
  return json({
    former: message.former.map(({ ts, text, blocks }): FormerView => ({ ts, text, blocks: blocks ?? null })),
  });
}

async function sendEvents({ panel }: ControlOptions, request: IncomingMessage): Promise<SandboxResponse> {
  const asked = sendOrderSchema.safeParse(await readJson(request));
  if (!asked.success) return invalid(asked.error);
  try {
    const result = await panel.send(asked.data);
    if (result === 'nobody') return json({ error: 'Nothing is here that could send events to a relay.' }, 404);
    if (result === 'busy') return json({ error: 'What was asked for before is still being sent.' }, 429);
    return json(result);
  } catch (error) {
    return json({ error: error instanceof Error ? error.message : String(error) }, 400);
  }
}

async function changeOutage({ panel }: ControlOptions, request: IncomingMessage): Promise<SandboxResponse> {
  const asked = outageSchema.safeParse(await readJson(request));
  if (!asked.success) return invalid(asked.error);
  const { condition, on } = asked.data;
  if (on) panel.outages.start(condition);
  else panel.outages.stop(condition);
  return json({ outages: panel.outages.state });
}

function allWell({ panel }: ControlOptions): SandboxResponse {
  panel.allWell();
  return json({ ok: true });
}

function reset({ workspace, panel }: ControlOptions): SandboxResponse {
  panel.allWell();
  workspace.reset();
  return json({ ok: true });
}

/** What a person does in the workspace: 400 for what is no such order, 404 where Slack would refuse it. */
function order<T>(schema: z.ZodType<T>, act: (workspace: Workspace, asked: T) => void): Route {
  return async ({ workspace }, request) => {
    const asked = schema.safeParse(await readJson(request));
    if (!asked.success) return invalid(asked.error);
    try {
      act(workspace, asked.data);
      return json({ ok: true });
    } catch (error) {
      if (error instanceof Refusal) return json({ error: error.code }, 404);
      throw error;
    }
  };
}

function showStrays(workspace: Workspace, { posted }: z.output<typeof straysSchema>): void {
  workspace.straysPosted = posted;
}

function movePerson({ people }: Workspace, { email, tz }: z.output<typeof personSchema>): void {
  if (!people.move(email, tz)) throw new Refusal('users_not_found');
}

async function addFaults({ faults }: ControlOptions, request: IncomingMessage): Promise<SandboxResponse> {
  const body = await readJson(request);
  const asked = z.array(faultSchema).safeParse(Array.isArray(body) ? body : [body]);
  if (!asked.success) return invalid(asked.error);
  for (const fault of asked.data) faults.add(fault);
  return json({ ok: true, faults: faults.pending });
}

function clearFaults({ faults, panel }: ControlOptions): SandboxResponse {
  panel.outages.clear();
  faults.clear();
  return json({ ok: true });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse((await readBody(request)) ?? '');
  } catch {
    return undefined;
  }
}

function invalid(error: z.ZodError): SandboxResponse {
  return json({ error: z.prettifyError(error) }, 400);
}
