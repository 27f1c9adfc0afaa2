/** What `init` writes: a config that works as it is, told in comments, and cases that say what it does. */
import type { Answers, Product } from './init-answers.ts';

const TEMPLATE_OF_THE_REST = 'any_event';

/** The templates that its routes use, and those that were asked for: the name, and the text where it is not a shipped one. */
export function templatesFor({ products, templates }: Answers): ReadonlyMap<string, string | null> {
  const shipped = [...products.flatMap(({ starter }) => starter.templates), TEMPLATE_OF_THE_REST, ...templates];
  const own = products.flatMap(({ starter }) => Object.entries(starter.ownTemplates ?? {}));
  return new Map([...shipped.map((name): [string, null] => [name, null]), ...own]);
}

export function variablesFor({ products }: Answers): string[] {
  return ['SLACK_BOT_TOKEN', ...products.map(({ name }) => secretVariable(name))];
}

function secretVariable(name: string): string {
  return `${name.toUpperCase()}_WEBHOOK_SECRET`;
}

export function configText({ products, channel, timezone, fallback }: Answers): string {
  const where = JSON.stringify(channel);
  const quiet = timezone === false ? '' : '    quiet_hours: nights\n';
  const sections = [
    HEAD,
    `sources:\n${products.map(sourceText).join('')}`,
    slackText(fallback),
    timezone === false ? QUIET_HINT : quietText(timezone),
    'templates: ./templates\n',
    ROUTES_HEAD,
    ...products.map(({ starter }) => starter.routes(where, quiet)),
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

const sourceText = ({ name, starter }: Product) => `  ${name}: # POST /webhooks/${name}
    type: ${name}
    secrets: ["\${${secretVariable(name)}}"] # several while rotating
${starter.hints}`;

const slackText = (fallback: string | false) => `slack:
  token: \${SLACK_BOT_TOKEN} # Bot User OAuth Token, xoxb-…: \`alo-relay manifest\` has the app
  ${fallback === false ? '# fallback_channel: "#relay-problems"' : `fallback_channel: ${JSON.stringify(fallback)}`} # where failed deliveries are reported

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

const otherRoute = (
  channel: string,
) => `  # Shows what else comes. Once you know, give it a route of its own, or remove this one.
  - name: everything else
    unmatched: true # only events that no route above took
    post: { channel: ${channel}, template: any_event }
`;

export function casesText({ products, channel, timezone }: Answers): string {
  const where = JSON.stringify(channel);
  const parts = products.map(({ starter }) => starter.cases(where, timezone !== false));
  const head = `# What config.yaml does, told by examples: \`alo-relay test\` runs them. A case has an event (a sample, perhaps with values
# of your own laid over it; or a payload) and what is to become of it. Nothing leaves this machine.

cases:`;
  return [head, ...parts, otherCase(where, products)].join('\n');
}

const otherCase = (channel: string, products: readonly Product[]) => `  - name: what no route is for is told, too
    source: ${products[0]?.name}
    event: { type: something_new, note: hello }
    expect:
      routes: [everything else]
      deliveries:
        - { channel: ${channel}, text: { contains: hello } }
`;
