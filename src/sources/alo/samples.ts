/**
 * ALO: one story per index (a job is created, assigned, worked on, talked about, done), one chapter per topic.
 * ALO documents no payload; this is one plausible form of it.
 */
import { BOT, hoursFrom, pick, STAFF } from '../sample-cast.ts';
import type { Sample, Variation } from '../source-type.ts';

interface Story {
  readonly title: string;
  readonly description: string;
  readonly type: string;
  readonly priority: string;
  readonly team: string;
  readonly dueInHours: number;
  /** What is said while it is worked on. */
  readonly said: string;
}

const STORIES: readonly Story[] = [
  {
    title: 'Cold room 2 is above 8 °C',
    description: 'Sensor CR-2 has read 9.4 °C for 20 minutes. Move the dairy stock, then check the compressor.',
    type: 'incident',
    priority: 'Critical',
    team: 'Facilities',
    dueInHours: 2,
    said: 'Stock is in cold room 1. The compressor trips on start, a technician is on the way.',
  },
  {
    title: 'Laptop for Nadia, who starts on Monday',
    description: 'Standard developer set-up, French keyboard, second screen. Desk 4.12.',
    type: 'request',
    priority: 'Normal',
    team: 'IT Support',
    dueInHours: 72,
    said: 'Laptop is imaged. Waiting for the screen, which arrives tomorrow morning.',
  },
  {
    title: 'Opening checklist, Lyon store',
    description: 'Tills, lights, emergency exits, delivery bay. Photograph anything that is not in order.',
    type: 'checklist',
    priority: 'Normal',
    team: 'Store Operations',
    dueInHours: 8,
    said: 'All fine but the delivery bay: the left dock light is out. Photo attached.',
  },
  {
    title: 'Refund for order 48213',
    description: 'The customer received the wrong size twice & asks for the money back instead of a third parcel.',
    type: 'task',
    priority: 'High',
    team: 'Customer Care',
    dueInHours: 24,
    said: 'Refund is approved. Can somebody from finance release it today?',
  },
  {
    title: 'Lift B stops between floors 3 and 4',
    description: 'Nobody is inside. The lift is locked and signs are up on every floor.',
    type: 'incident',
    priority: 'High',
    team: 'Facilities',
    dueInHours: 6,
    said: 'The door contact on floor 3 is worn out. The part is ordered, lift A stays in service.',
  },
  {
    title: 'Renew the certificate of the booking site',
    description: 'It runs out in nine days; automatic renewal has failed twice (DNS check).',
    type: 'task',
    priority: 'High',
    team: 'IT Support',
    dueInHours: 48,
    said: 'The DNS record pointed to the old host. Corrected, and the renewal went through.',
  },
];

const PLACES = ['Lyon', 'Paris', 'Nantes', 'Lille', 'Bordeaux', 'Toulouse'];

function actionOf({ index, nowMs }: Variation, changes: { status: string; assigned: boolean }) {
  const story = pick(STORIES, index);
  const number = 1000 + index;
  // From the second round on, the place tells stories apart that otherwise read the same.
  const title =
    index < STORIES.length ? story.title : `${story.title} (${pick(PLACES, Math.floor(index / STORIES.length))})`;
  return {
    id: `act_${number}`,
    title,
    description: story.description,
    type: story.type,
    status: changes.status,
    priority: story.priority,
    team: { id: `team_${story.team.toLowerCase().replace(' ', '_')}`, name: story.team },
    due_at: hoursFrom(nowMs, story.dueInHours),
    url: `https://app.example.com/actions/${number}`,
    created_by: pick(STAFF, index + 1),
    assignees: changes.assigned ? [pick(STAFF, index)] : [],
  };
}

function payload(topic: string, { index, nowMs }: Variation, rest: object): Readonly<Record<string, unknown>> {
  const timestamp = new Date(nowMs).toISOString();
  return { type: topic, event_id: `evt_${topic}_${index}_${nowMs.toString(36)}`, timestamp, ...rest };
}

const user = (index: number) => ({ ...pick(STAFF, index), kind: 'user' });

export const ALO_SAMPLES: readonly Sample[] = [
  {
    topic: 'action_created',
    build: (variation) =>
      payload('action_created', variation, {
        actor: user(variation.index + 1),
        action: actionOf(variation, { status: 'Open', assigned: false }),
      }),
  },
  {
    topic: 'action_assignment_changed',
    build: (variation) =>
      payload('action_assignment_changed', variation, {
        actor: user(variation.index + 1),
        action: actionOf(variation, { status: 'Open', assigned: true }),
        changes: { assignees: { added: [pick(STAFF, variation.index)], removed: [] } },
      }),
  },
  {
    topic: 'action_updated',
    build: (variation) => {
      const action = actionOf(variation, { status: 'In progress', assigned: true });
      const due_at = hoursFrom(variation.nowMs, pick(STORIES, variation.index).dueInHours * 2);
      const changes = { due_at: { from: action.due_at, to: due_at } };
      return payload('action_updated', variation, { actor: BOT, action: { ...action, due_at }, changes });
    },
  },
  {
    topic: 'action_message_added',
    build: (variation) => {
      const author = user(variation.index);
      const message = {
        id: `msg_${variation.index}_${variation.nowMs.toString(36)}`,
        text: pick(STORIES, variation.index).said,
        author,
        created_at: new Date(variation.nowMs).toISOString(),
      };
      const action = actionOf(variation, { status: 'In progress', assigned: true });
      return payload('action_message_added', variation, { actor: author, action, message });
    },
  },
  {
    topic: 'action_status_updated',
    build: (variation) =>
      payload('action_status_updated', variation, {
        actor: user(variation.index),
        action: actionOf(variation, { status: 'Completed', assigned: true }),
        changes: { status: { from: 'In progress', to: 'Completed' } },
      }),
  },
];
