/** Whether Slack takes the token, and what the config names is there. */
import type { Config } from '../config/config.ts';
import type { Failure, Outcome } from '../core/outcome.ts';
import type { ChannelFacts, SlackInspector, TokenFacts, UserFacts } from '../slack/inspector.ts';
import { isGroup } from '../slack/people.ts';
import { type Finding, listed, note, ok, problem, type Section, sentence, warning } from './finding.ts';
import { type ChannelUse, channelUses, groupUses, type ScopeNeed, scopeNeeds } from './needs.ts';

const ASKED_AT_ONCE = 4;
const SKEW_WARNING_MS = 5_000;
const SKEW_PROBLEM_MS = 60_000;

const INSTALL =
  'Add it at api.slack.com/apps under OAuth & Permissions, and install the app again (`alo-relay manifest` has all of them).';
const NO_TOKEN = problem(
  'no-token',
  'There is no Slack token.',
  'Create the app (`alo-relay manifest`), install it, and set slack.token to its Bot User OAuth Token (xoxb-…). Without one, only `serve --sandbox` works.',
);

/** `slack`: null where there is no token. Each call takes at most its time-out, and one that fails so is the last. */
export async function examineSlack(config: Config, slack: SlackInspector | null): Promise<Section[]> {
  if (slack === null) return [{ title: 'Slack', findings: [NO_TOKEN] }];
  const token = await slack.token();
  if (token.kind !== 'sent') return [{ title: 'Slack', findings: [tokenTrouble(token), ...unchecked()] }];
  const facts = token.value;
  return [
    {
      title: 'Slack',
      findings: [ok('token', `The token works: ${facts.user} in the workspace ${facts.team}.`), clockFinding(facts)],
    },
    { title: 'Scopes', findings: scopeFindings(scopeNeeds(config), facts.scopes) },
    { title: 'Channels', findings: await channelFindings(channelUses(config), slack, facts.scopes) },
    { title: 'People', findings: await peopleFindings(config.people.map, slack) },
    { title: 'Groups', findings: await groupFindings(config, slack) },
  ].filter(({ findings }) => findings.length > 0);
}

function unchecked(): Finding[] {
  return [note('not-checked', 'Scopes, channels, people and the clock were not checked.')];
}

function tokenTrouble({ kind, reason }: Failure): Finding {
  return kind === 'refused'
    ? problem('token-refused', `Slack refuses the token (${reason.code}).`, sentence(reason.detail))
    : problem('slack-out-of-reach', `Slack cannot be asked (${reason.code}).`, sentence(reason.detail));
}

function clockFinding({ clockOffsetMs }: TokenFacts): Finding {
  if (clockOffsetMs === null) return note('clock', 'Slack did not tell its time.');
  const seconds = Math.round(Math.abs(clockOffsetMs) / 1000);
  const off = `This machine's clock is ${seconds} s ${clockOffsetMs > 0 ? 'behind' : 'ahead of'} Slack's`;
  const remedy = 'Set up NTP: webhooks that seem more than 300 s old, or from the future, are refused.';
  if (Math.abs(clockOffsetMs) > SKEW_PROBLEM_MS) return problem('clock', `${off}.`, remedy);
  if (Math.abs(clockOffsetMs) > SKEW_WARNING_MS) return warning('clock', `${off}.`, remedy);
  return ok('clock', "This machine's clock agrees with Slack's.");
}

function scopeFindings(needs: readonly ScopeNeed[], scopes: readonly string[] | null): Finding[] {
  if (scopes === null)
    return [
      note('scopes', 'Slack did not tell which scopes the app has: a proxy may leave the header x-oauth-scopes out.'),
    ];
  return needs.map(({ scope, by, missing }) => {
    if (scopes.includes(scope)) return ok(`scope-${slug(scope)}`, `${scope}: ${by}.`);
    return { status: missing, code: `scope-${slug(scope)}`, message: `${scope} is missing: ${by}.`, remedy: INSTALL };
  });
}

function slug(scope: string): string {
  return scope.replaceAll(/[:.]/g, '-');
}

async function channelFindings(
  uses: readonly ChannelUse[],
  slack: SlackInspector,
  scopes: readonly string[] | null,
): Promise<Finding[]> {
  const postsAnywhere = scopes?.includes('chat:write.public') === true;
  const found = await askEach(
    uses.filter(({ computed }) => !computed),
    ({ channel }) => slack.channel(channel),
  );
  return [
    ...found.map(({ item, outcome }) => channelFinding(item, outcome, postsAnywhere)),
    ...uses
      .filter(({ computed }) => computed)
      .map(({ channel, by }) =>
        note('channel-computed', `${channel} (${listed(by)}): not checked, only an event tells which channel it is.`),
      ),
  ];
}

function channelFinding({ channel, by }: ChannelUse, outcome: Asked<ChannelFacts>, postsAnywhere: boolean): Finding {
  const what = `${channel} (${listed(by)})`;
  if (outcome === 'not-asked') return note('channel', `${what}: not checked, Slack stopped answering.`);
  if (outcome.kind !== 'sent') {
    const { code, detail } = outcome.reason;
    return warning('channel', `${what}: not checked (${code}).`, sentence(detail));
  }
  if (outcome.value === null) {
    return problem(
      'channel-missing',
      `${what}: there is no such channel that the app can see.`,
      'Correct the name or id; in a private channel, type /invite @ and the app’s name.',
    );
  }
  const { archived, member, private: isPrivate } = outcome.value;
  if (archived)
    return problem('channel-archived', `${what} is archived.`, 'Unarchive it in Slack, or name another channel.');
  if (member) return ok('channel', `${what}: the app is in it.`);
  const invite = 'Type /invite @ and the app’s name in the channel.';
  return postsAnywhere && !isPrivate
    ? warning(
        'channel-not-joined',
        `${what}: the app is not in it. It can post (chat:write.public), but not look whether a message whose answer got lost is there.`,
        invite,
      )
    : problem('channel-not-joined', `${what}: the app is not in it, and may not post there.`, invite);
}

async function peopleFindings(map: ReadonlyMap<string, string>, slack: SlackInspector): Promise<Finding[]> {
  const users = new Set([...map.values()].filter((id) => !isGroup(id)));
  const asked = await askEach([...users], (id) => slack.user(id));
  const findings = asked.map(({ item, outcome }) => personFinding(item, namesOf(item, map), outcome));
  const good = findings.filter(({ status }) => status === 'ok');
  // One line for what is well: a map may be long.
  const summary =
    good.length === 0
      ? []
      : [ok('people', `people.map: ${good.length === 1 ? 'one user' : `${good.length} users`} found.`)];
  return [...summary, ...findings.filter(({ status }) => status !== 'ok')];
}

function namesOf(id: string, map: ReadonlyMap<string, string>): string {
  return listed([...map].filter(([, mapped]) => mapped === id).map(([name]) => name));
}

function personFinding(id: string, names: string, outcome: Asked<UserFacts>): Finding {
  const what = `people.map: ${id} (${names})`;
  if (outcome === 'not-asked') return note('person', `${what}: not checked, Slack stopped answering.`);
  if (outcome.kind !== 'sent') {
    const { code, detail } = outcome.reason;
    return warning('person', `${what}: not checked (${code}).`, sentence(detail));
  }
  const remedy = 'Correct the id: in Slack, profile, ⋮, Copy member ID.';
  if (outcome.value === null) return problem('person-missing', `${what}: Slack knows no such user.`, remedy);
  if (outcome.value.deleted)
    return problem(
      'person-deactivated',
      `${what}: the user is deactivated.`,
      'Map somebody else, or remove the entry.',
    );
  if (outcome.value.bot)
    return problem('person-bot', `${what}: that is a bot, and bots take no direct messages.`, remedy);
  return ok('person', `${what}.`);
}

/** Those of `people.map`, and those that templates mention by their handles. */
async function groupFindings({ people, templates }: Pick<Config, 'people' | 'templates'>, slack: SlackInspector) {
  const mapped = [...new Set(people.map.values())].filter(isGroup);
  const uses = groupUses({ templates });
  if (mapped.length + uses.length === 0) return [];
  const groups = await slack.groups();
  if (groups.kind !== 'sent') {
    const { code, detail } = groups.reason;
    return [warning('groups', `User groups: not checked (${code}).`, sentence(detail))];
  }
  const ids = new Set(groups.value.values());
  return [
    ...mapped.map((id) => groupFinding(`people.map: ${id} (${namesOf(id, people.map)})`, ids.has(id))),
    ...uses.map(({ handle, by }) => groupFinding(`${handle} (${listed(by)})`, groups.value.has(handle.slice(1)))),
  ];
}

function groupFinding(what: string, found: boolean): Finding {
  if (found) return ok('group', `${what}: there is such a user group.`);
  const remedy = 'Correct it, or enable the group in Slack: People & user groups.';
  return problem('group-missing', `${what}: Slack has no such user group in use.`, remedy);
}

type Asked<T> = Outcome<T | null> | 'not-asked';

/** Asks a few at once, in order; once Slack does not answer, or asks to wait, what is left is not asked. */
async function askEach<I, T>(items: readonly I[], ask: (item: I) => Promise<Outcome<T | null>>) {
  const answers: { item: I; outcome: Asked<T> }[] = items.map((item) => ({ item, outcome: 'not-asked' }));
  const left = answers.values();
  let trouble = false;
  const work = async () => {
    for (const answer of left) {
      if (trouble) return;
      answer.outcome = await ask(answer.item);
      trouble ||= answer.outcome.kind === 'retry';
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, work));
  return answers;
}
