import { z } from 'zod';

const message = z.object({
  text: z.string(),
  edited: z.string().nullable(),
  reactions: z.array(z.object({ name: z.string() })),
});

const state = z.object({
  conversations: z.array(
    z.object({ name: z.string(), messages: z.array(message.extend({ replies: z.array(message) })) }),
  ),
});

/** What stands in a sandbox, asked over HTTP as another process would. */
export async function readState(sandboxUrl: string): Promise<z.output<typeof state>> {
  return state.parse(await (await fetch(new URL('_sandbox/state', sandboxUrl))).json());
}
