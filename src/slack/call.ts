/** One call of one method: whatever happens becomes an Outcome. */
import type { WebClient } from '@slack/web-api';
import { type Outcome, sent } from '../core/outcome.ts';
import type { CallFacts } from '../core/telemetry.ts';
import { classify, malformed, type SlackMethod } from './classify.ts';

/** `read` takes what is needed from the answer; undefined where it is not there. */
export type Call = <T>(
  method: SlackMethod,
  args: Record<string, unknown>,
  read: (answer: object) => T | undefined,
) => Promise<Outcome<T>>;

/** `onCall` is told of each that has ended. */
export function createCall(client: Pick<WebClient, 'apiCall'>, onCall: (facts: CallFacts) => void): Call {
  const make: Call = async (method, args, read) => {
    try {
      const value = read(await client.apiCall(method, args));
      return value === undefined ? malformed(method) : sent(value);
    } catch (error) {
      return classify(method, error);
    }
  };
  return async (method, args, read) => {
    const started = performance.now();
    const outcome = await make(method, args, read);
    onCall({ method, ms: performance.now() - started, outcome });
    return outcome;
  };
}
