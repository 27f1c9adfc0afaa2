export type EventFields = Readonly<Record<string, string>>;

/** The event's declared type, field by field (core/event.ts). `dyn` where the sender decides. */
export const EVENT_TYPES: Readonly<Record<string, EventFields>> & { readonly Event: EventFields } = {
  Person: { id: 'string', name: 'string', email: 'string', kind: 'string' },
  Action: {
    id: 'string',
    title: 'string',
    description: 'string',
    status: 'string',
    priority: 'string',
    type: 'string',
    team: 'string',
    due_at: 'string',
    url: 'string',
  },
  Assignees: { current: 'list<Person>', added: 'list<Person>', removed: 'list<Person>' },
  Message: { text: 'string', author: 'Person' },
  Event: {
    id: 'string',
    source: 'string',
    topic: 'string',
    occurred_at: 'string',
    received_at: 'string',
    subject: 'string',
    actor: 'Person',
    action: 'Action',
    assignees: 'Assignees',
    message: 'Message',
    payload: 'dyn',
  },
};
