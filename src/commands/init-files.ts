/** What `init` writes: a config that works as it is, told in comments, and cases that say what it does. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answers, Product } from './init-answers.ts';

const TEMPLATES: Readonly<Record<Product | 'both', readonly string[]>> = {
  alo: ['action_card', 'action_message_added', 'thread_root', 'assigned_to_you'],
  allo: ['voicemail', 'call_completed', 'sms_received'],
  both: ['any_event'],
};

/** The shipped templates that its routes use, by name. */
export function templatesFor({ products }: Answers): string[] {
  return [...products.flatMap((product) => TEMPLATES[product]), ...TEMPLATES.both];
}

/** Where the shipped templates are: beside the bundle's folder, or seen from the sources. */
export function shippedTemplates(): string {
  const places = ['../templates/', '../../templates/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = places.find((place) => existsSync(`${place}any_event.yaml`));
  if (found === undefined) throw new Error(`The shipped templates are in none of ${places.join(', ')}.`);
  return found;
}

export function variablesFor({ products }: Answers): string[] {
  return ['SLACK_BOT_TOKEN', ...products.map((product) => `${product.toUpperCase()}_WEBHOOK_SECRET`)];
}

export function configText({ products, channel, timezone }: Answers): string {
  const where = JSON.stringify(channel);
  const quiet = timezone === false ? '' : '    quiet_hours: nights\n';
  const sections = [
    HEAD,
    `sources:\n${products.map((product) => SOURCES[product]).join('')}`,
    SLACK,
    timezone === false ? QUIET_HINT : quietText(timezone),
    'templates: ./templates\n',
    ROUTES_HEAD,
    ...products.map((product) => (product === 'alo' ? aloRoutes(where, quiet) : alloRoutes(where, quiet))),
    otherRoute(where),
  ];
  return sections.join('\n');
}

const HEAD = `# alo-relay, as \`alo-relay init\` wrote it. After a change: \`alo-relay check\`, then \`alo-relay test\`; a running service
# takes it over by itself.
#
# \${NAME} is replaced from the environment, \${NAME:-default} has a default.
# A value that is an expression is CEL; a string with {{ }} is Liquid.

server: { host: 0.0.0.0, port: 3000 } # where webhooks come in; put TLS in front
admin: { host: 127.0.0.1, port: 3001 } # where \`alo-relay deliveries\` and \`replay\` ask
journal: ./data/relay.db # what was accepted and what is owed; relative to this file
retention: 30d # how long what has ended is kept
`;

const SOURCES: Readonly<Record<Product, string>> = {
  alo: `  alo: # POST /webhooks/alo
    type: alo
    secrets: ["\${ALO_WEBHOOK_SECRET}"] # several while rotating
    # ALO documents no payloads. With the first real event, \`alo-relay fields --id ID\` says where things were found:
    # fields: { action_title: payload.task.headline }
`,
  allo: `  allo: # POST /webhooks/allo
    type: allo
    secrets: ["\${ALLO_WEBHOOK_SECRET}"] # several while rotating
    # What must not be kept, and cannot be shown either:
    # redact: [data.recording_url, data.person.numbers]
`,
};

const SLACK = `slack:
  token: \${SLACK_BOT_TOKEN} # Bot User OAuth Token, xoxb-…: \`alo-relay manifest\` has the app
  # fallback_channel: "#relay-problems" # what a channel refuses is told here

people:
  match_by_email: true # whom an event names is found in Slack by e-mail address
  # map: { "maria@example.com": U024BE7LH } # or by this, which comes first
`;

const QUIET_HINT = `# quiet_hours: # a route with \`quiet_hours: nights\` holds its messages back until they end
#   nights: { timezone: Europe/Paris, from: "19:00", to: "08:00" }
`;

const quietText = (
  timezone: string,
) => `quiet_hours: # a route with \`quiet_hours: nights\` holds its messages back until they end
  nights: { timezone: ${timezone}, from: "19:00", to: "08:00" } # \`days: [mon, tue]\` narrows on which days they begin
`;

const ROUTES_HEAD = `# Read from top to bottom; every match fires; \`stop: true\` ends the reading.
routes:`;

const aloRoutes = (
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

const alloRoutes = (channel: string, quiet: string) => `  # Allo: what became of a call, and texts.
  - name: voicemail
    source: allo
    on: call.completed
    when: event.payload.data.result == "VOICEMAIL"
    stop: true # so that "call ended" does not report it again
    post: { channel: ${channel}, template: voicemail }
${quiet}
  - name: call ended
    source: allo
    on: call.completed
    post: { channel: ${channel}, template: call_completed }

  - name: text in
    source: allo
    on: [sms.received, SMS_RECEIVED]
    post: { channel: ${channel}, template: sms_received }
${quiet}`;

const otherRoute = (
  channel: string,
) => `  # Shows what else comes. Once you know, give it a route of its own, or remove this one.
  - name: everything else
    unmatched: true # only events that no route above took
    post: { channel: ${channel}, template: any_event }
`;

export function casesText({ products, channel, timezone }: Answers): string {
  const where = JSON.stringify(channel);
  const parts = products.map((product) => (product === 'alo' ? aloCases(where, timezone) : alloCases(where, timezone)));
  const head = `# What config.yaml does, told by examples: \`alo-relay test\` runs them. A case has an event (a sample, perhaps with values
# of your own laid over it; or a payload) and what is to become of it. Nothing leaves this machine.

cases:`;
  return [head, ...parts, otherCase(where, products)].join('\n');
}

const aloCases = (channel: string, timezone: string | false) => `  - name: a new action becomes a card
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
${timezone === false ? '' : NIGHT_CASES}
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

const alloCases = (channel: string, timezone: string | false) => `  - name: a call is over
    sample: call.completed
    expect:
      routes: [call ended]
      deliveries:
        - { verb: post, channel: ${channel}, text: { contains: Answered } }

  - name: a voicemail is told as one
    sample: { topic: call.completed, with: { data: { result: VOICEMAIL } } }
    expect:
      routes: [voicemail]
      deliveries:
        - { verb: post, channel: ${channel}, text: { contains: Voicemail } }

  - name: a text comes in
    sample: sms.received
    expect:
      deliveries:
        - { route: text in, channel: ${channel}, held_until: false }
${timezone === false ? '' : NIGHT_TEXT}`;

const NIGHT_TEXT = `
  - name: a text at night, in the morning
    sample: sms.received
    at: "23:00"
    expect:
      deliveries:
        - { route: text in, held_until: "08:00" }
`;

const otherCase = (channel: string, products: readonly Product[]) => `  - name: what no route is for is told, too
    source: ${products[0]}
    event: { type: something_new, note: hello }
    expect:
      routes: [everything else]
      deliveries:
        - { channel: ${channel}, text: { contains: something_new } }
`;
