/** Holds what `init` writes for ALO. */
import type { Starter } from '../source-type.ts';

const routes = (
  channel: string,
  quiet: string,
) => `  # ALO: a card for each action, updated in place; what is said about the action goes into its thread.
  - name: action card
    source: alo
    on: [action_created, action_updated, action_status_updated, action_assignment_changed]
    card: { channel: ${channel}, template: action_card }

  - name: no bots
    source: alo
    on: action_message_added
    when: event.actor.kind == "bot"
    stop: true # without a verb: nothing is sent

  - name: chat in the thread
    source: alo
    on: action_message_added
    reply: { channel: ${channel}, template: action_message_added }

  - name: tell the assignee
    source: alo
    on: action_assignment_changed
    dm: { to: event.assignees.added, template: assigned_to_you }
${quiet === '' ? '' : `${quiet}    urgent: event.action.priority == "Critical" # passes at any hour\n`}
  - name: done
    source: alo
    on: action_status_updated
    when: event.action.status == "Completed"
    react: { channel: ${channel}, emoji: white_check_mark }
`;

const cases = (channel: string, atNight: boolean) => `  - name: a new action becomes a card
    sample: action_created
    expect:
      routes: [action card]
      deliveries:
        - { verb: card, channel: ${channel}, text: { contains: ["Cold room 2 is above 8 °C", "*Status* Open"] } }

  - name: what a colleague writes goes into the card's thread
    sample: action_message_added
    expect:
      deliveries:
        - { verb: reply, channel: ${channel}, text: { contains: Stock is in cold room 1. } }

  - name: what a bot writes stays in ALO
    sample: { topic: action_message_added, with: { actor: { kind: bot } } }
    expect: { nothing: true }

  - name: the new assignee is told
    sample: { topic: action_assignment_changed, story: 1 }
    expect:
      deliveries:
        - { verb: card }
        - { verb: dm, to: jonas@example.com, text: { contains: "Laptop for Nadia, who starts on Monday" } }
${atNight ? NIGHT_CASES : ''}
  - name: a completed action gets a tick
    sample: action_status_updated
    expect:
      deliveries:
        - { verb: card, text: { contains: "*Status* Completed" } }
        - { verb: react, channel: ${channel}, emoji: white_check_mark }
`;

const NIGHT_CASES = `
  - name: at night, in the morning
    sample: { topic: action_assignment_changed, story: 1 }
    at: "23:00"
    expect:
      deliveries:
        - { verb: card, held_until: false }
        - { verb: dm, held_until: "08:00" }

  - name: what is critical wakes the assignee up
    sample: { topic: action_assignment_changed, story: 0 }
    at: "23:00"
    expect:
      deliveries:
        - { verb: card }
        - { verb: dm, held_until: false }
`;

export const ALO_STARTER: Starter = {
  byDefault: true,
  templates: ['action_card', 'action_message_added', 'thread_root', 'assigned_to_you'],
  hints: `    # ALO documents no payloads. With the first real event, \`alo-relay fields --id ID\` says where things were found:
    # fields: { action_title: payload.task.headline }
`,
  routes,
  cases,
};
