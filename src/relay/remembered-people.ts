/**
 * Who was looked up by e-mail address is kept in the journal: a restart does not ask Slack for everybody again, nor does
 * each of several instances.
 *
 * Known limit: each instance remembers for as long again from when it read it there (slack/people.ts). So what changed
 * in Slack is seen after twice that time at the latest.
 */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { sent } from '../core/outcome.ts';
import type { Journal } from '../journal/contract.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import { personKeptMs } from '../slack/people.ts';

export interface RememberingParts {
  readonly journal: Pick<Journal, 'person' | 'savePerson'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Logger, 'warn'>;
}

/** The same gateway. A journal that fails is as good as one that remembers nobody. */
export function rememberPeople(gateway: SlackGateway, { journal, clock, log }: RememberingParts): SlackGateway {
  const forgetful = (error: unknown) => {
    log.warn({ err: error }, 'the journal does not remember people; Slack is asked');
    return undefined;
  };
  return {
    ...gateway,
    async lookupByEmail(email, since = 0) {
      // A null from before `since` is not kept until then. Somebody is, for longer, and is taken to be still there.
      const now = Math.max(clock.now(), since + personKeptMs(null) - 1);
      const known = await journal.person(email, now).catch(forgetful);
      if (known !== undefined) return sent(known);
      const outcome = await gateway.lookupByEmail(email, since);
      if (outcome.kind === 'sent') {
        const until = clock.now() + personKeptMs(outcome.value);
        await journal.savePerson(email, outcome.value, until).catch(forgetful);
      }
      return outcome;
    },
  };
}
