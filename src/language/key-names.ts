/** What the keys of payloads tell by their names. For people and guesses; no event is read by them. */

/** `dueDate`, `due_date` and `due-date` are `due` and `date`. */
export function wordsOf(key: string): string[] {
  return key
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

const words = (text: string): readonly string[] => text.split(' ');

/** Names of what is not the thing that an event is about. */
export const OTHERS: readonly string[] = [
  ...words('user actor author assignee assignees creator owner sender member person contact'),
  ...words('team group department squad queue company organization organisation org account workspace tenant client'),
  ...words('webhook delivery subscription app message comment parent project location site'),
];

/** Others still, where the whole payload is looked at. */
const SURROUNDINGS: ReadonlySet<string> = new Set([
  ...OTHERS,
  ...words('repository repo service customer pusher committer agent installation enterprise reactions'),
]);

export function isSurrounding(key: string): boolean {
  return wordsOf(key).some((word) => SURROUNDINGS.has(word));
}

/** Keys of a text that says what its object is, best first. */
export const HEADLINES = words(
  'title headline subject summary name message description text body content error reason',
);

/** Keys that name an object from outside, best first. */
export const NAMES = [
  ...words('title full_name fullName display_name displayName name login username summary label value email key'),
  ...words('message body text'),
];

export const PAGES = words('html_url web_url permalink url link self');

const RANKS: readonly ReadonlySet<string>[] = [
  words('status state result conclusion outcome'),
  words('severity priority urgency level impact environment'),
  words('error reason message description body text content details comment culprit'),
  words('amount total price currency quantity number count ref branch key due deadline'),
].map((names) => new Set(names));

/** 0: the most telling. */
export function rankOf(key: string): number {
  const own = wordsOf(key);
  const rank = RANKS.findIndex((names) => own.some((word) => names.has(word)));
  return rank === -1 ? RANKS.length : rank;
}

export const UNRANKED = RANKS.length;

/** The last word of keys that say nothing to a reader. */
const NOISE: ReadonlySet<string> = new Set([
  ...words('id ids gid iid uid uuid guid url urls uri href link links self sha hash etag token signature nonce cursor'),
  ...words('fingerprint avatar image icon logo html template version locale timezone timestamp object'),
]);

export function isNoiseKey(key: string): boolean {
  return NOISE.has(wordsOf(key).at(-1) ?? '');
}

/** What the topic is read from, at the root of a payload. */
const TOPICS: ReadonlySet<string> = new Set(
  words('type topic event eventtype eventname webhookevent objectkind kind action trigger'),
);

export function isTopicKey(key: string): boolean {
  return TOPICS.has(wordsOf(key).join(''));
}
