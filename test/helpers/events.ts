import { ABSENT_ACTION, ABSENT_MESSAGE, ABSENT_PERSON } from '../../src/core/absent.ts';
import type { RelayEvent } from '../../src/core/event.ts';

/** An event with everything absent but what is given. */
export function makeEvent(fields: Partial<RelayEvent> = {}): RelayEvent {
  return {
    id: 'evt_1',
    source: 'alo',
    topic: 'action_created',
    occurred_at: '2026-03-02T09:00:00.000Z',
    received_at: '2026-03-02T09:00:01.000Z',
    subject: 'act_1',
    actor: ABSENT_PERSON,
    action: ABSENT_ACTION,
    assignees: { current: [], added: [], removed: [] },
    message: ABSENT_MESSAGE,
    payload: {},
    ...fields,
  };
}
