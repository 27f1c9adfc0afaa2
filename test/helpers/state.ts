import { z } from 'zod';

const message = z.object({
  ts: z.string(),
  text: z.string(),
  edited: z.string().nullable(),
  /** A tombstone. */
  deleted: z.boolean(),
  broadcast: z.boolean(),
  /** The texts it had before. */
  revisions: z.array(z.string()),
  metadata: z.object({ event_payload: z.object({ delivery_id: z.string().optional() }) }).nullable(),
  reactions: z.array(z.object({ name: z.string() })),
});

const state = z.object({
  conversations: z.array(
    z.object({ id: z.string(), name: z.string(), messages: z.array(message.extend({ replies: z.array(message) })) }),
  ),
});

/** What stands in a sandbox, asked over HTTP as another process would. */
export async function readState(sandboxUrl: string): Promise<z.output<typeof state>> {
  return state.parse(await (await fetch(new URL('_sandbox/state', sandboxUrl))).json());
}
