/**
 * Merging, planned: which of a lane's waiting deliveries go out together. Pure; the lane does what the plan says.
 *
 * - Every delivery is in exactly one step, and what comes to one place in Slack (the channel, a thread, a card) comes
 *   there in order of acceptance.
 * - What would be messages of their own become one digest: posts, direct messages, and whatever belongs to a subject
 *   that has no card. A message that goes individually ends the digest before it, and so is not overtaken.
 * - Of the updates of one card only the newest is made. Replies to one thread become one.
 * - What went out together and is in doubt stays together, as it was: nothing else would find it again.
 * - An update in doubt may show in Slack: what is older than it is superseded by it, and never made after it.
 */
import type { MergeRule } from '../../routing/rules.ts';
import type { Role } from '../../verbs/verb.ts';

/** A delivery that waits, as far as planning has to know it. */
export interface Candidate {
  readonly seq: number;
  readonly role: Role;
  /** What its card and thread belong to; null where it has none. */
  readonly subject: string | null;
  readonly hasCard: boolean;
  /** ms since the epoch: by when it happened. */
  readonly occurredAt: number;
  /** The journal's number of its event: which came in first. */
  readonly eventSeq: number;
  /** Null: always individually. */
  readonly rule: MergeRule | null;
  /** It was held back: what was goes out together, however little it is. */
  readonly released: boolean;
  readonly inDoubt: boolean;
  /** Whom it stays together with: see groupOf. */
  readonly group: number | null;
}

export type MergeStep =
  | { readonly kind: 'one'; readonly seq: number }
  /** One message with a line for each. */
  | { readonly kind: 'digest'; readonly seqs: readonly number[]; readonly template: string | null }
  /** One reply with the text of each. */
  | { readonly kind: 'replies'; readonly seqs: readonly number[] }
  /** One update of a card, which supersedes the others. */
  | { readonly kind: 'update'; readonly seq: number; readonly superseded: readonly number[] };

/** A group's number: its first delivery's, negative for replies. What it was decides where it is looked for. */
export function groupOf(kind: 'digest' | 'replies', first: number): number {
  return kind === 'replies' ? -first : first;
}

/** `candidates`: a lane's, in order of acceptance. */
export function planMerge(candidates: readonly Candidate[]): MergeStep[] {
  const planner = new Planner(candidates);
  for (const candidate of candidates) planner.add(candidate);
  return planner.steps();
}

/** A step that may still grow. */
interface Draft {
  readonly kind: MergeStep['kind'];
  readonly members: Candidate[];
}

class Planner {
  readonly #waiting: number;
  /** Subjects whose card may show an update that nobody knows of. */
  readonly #doubtful: ReadonlySet<string | null>;
  readonly #drafts: Draft[] = [];
  readonly #groups = new Map<number, Draft>();
  /** Subject → what of it still grows. */
  readonly #replies = new Map<string, Draft>();
  readonly #updates = new Map<string, Draft>();
  /** Subjects that get a card by a step before. */
  readonly #carded = new Set<string>();
  #digest: Draft | null = null;

  constructor(candidates: readonly Candidate[]) {
    this.#waiting = candidates.length;
    this.#doubtful = new Set(candidates.filter(isUpdateInDoubt).map(({ subject }) => subject));
  }

  add(candidate: Candidate): void {
    if (candidate.group !== null) this.#addToGroup(candidate, candidate.group);
    else if (this.#isMerged(candidate)) this.#merge(candidate);
    else this.#addIndividually(candidate);
  }

  steps(): MergeStep[] {
    return this.#drafts.flatMap(stepsOf);
  }

  #isMerged({ role, subject, hasCard, rule, released, inDoubt }: Candidate): boolean {
    if (role === 'card' && hasCard && this.#doubtful.has(subject)) return true;
    return rule !== null && !inDoubt && (released || this.#waiting > rule.whenWaiting);
  }

  #merge(candidate: Candidate): void {
    const { role, subject } = candidate;
    const carded = subject !== null && (candidate.hasCard || this.#carded.has(subject));
    if (carded && role === 'card') this.#grow(this.#updates, subject, { kind: 'update', candidate });
    else if (carded && role === 'thread') this.#grow(this.#replies, subject, { kind: 'replies', candidate });
    else if (carded && role === 'mark') this.#addIndividually(candidate);
    else this.#addLine(candidate);
  }

  #addLine(candidate: Candidate): void {
    if (this.#digest === null || !fits(this.#digest, candidate)) this.#digest = this.#begin('digest');
    this.#digest.members.push(candidate);
  }

  #grow(
    drafts: Map<string, Draft>,
    subject: string,
    { kind, candidate }: { kind: MergeStep['kind']; candidate: Candidate },
  ): void {
    let draft = drafts.get(subject);
    // Updates are only made once, however many they are.
    if (draft === undefined || (kind === 'replies' && !fits(draft, candidate))) draft = this.#begin(kind);
    drafts.set(subject, draft);
    draft.members.push(candidate);
  }

  /** What comes behind it in the same place must not come before it. */
  #addIndividually(candidate: Candidate): void {
    const { role, subject } = candidate;
    this.#begin('one').members.push(candidate);
    if (role === 'mark') return;
    if (subject === null || role === 'message') {
      this.#digest = null;
      return;
    }
    if (!candidate.hasCard) this.#digest = null;
    this.#carded.add(subject);
    this.#replies.delete(subject);
    this.#updates.delete(subject);
  }

  #addToGroup(candidate: Candidate, group: number): void {
    let draft = this.#groups.get(group);
    if (draft === undefined) {
      draft = this.#begin(group < 0 ? 'replies' : 'digest');
      this.#groups.set(group, draft);
      this.#digest = null;
      this.#replies.clear();
    }
    draft.members.push(candidate);
  }

  #begin(kind: MergeStep['kind']): Draft {
    const draft: Draft = { kind, members: [] };
    this.#drafts.push(draft);
    return draft;
  }
}

function isUpdateInDoubt({ role, hasCard, inDoubt, group }: Candidate): boolean {
  return role === 'card' && hasCard && inDoubt && group === null;
}

/** Whether one more has room, and belongs there. A mark belongs to what it is on. */
function fits({ members }: Draft, { rule, role, subject }: Candidate): boolean {
  const [first] = members;
  if (first === undefined || rule === null) return true;
  if (first.rule?.template !== rule.template) return false;
  return members.length < rule.maxLines || (role === 'mark' && members.some((member) => member.subject === subject));
}

function stepsOf(draft: Draft): MergeStep[] {
  const { kind, members } = draft;
  const doubtful = kind === 'update' ? members.find(isUpdateInDoubt) : undefined;
  if (doubtful === undefined) return [stepOf(draft)];
  // First what may be shown already, with all that is older; then what is newer than that.
  const [older = [], newerOnes = []] = partition(members, (member) => newer(member, doubtful) === doubtful);
  const superseded = older.filter((member) => member !== doubtful).map(({ seq }) => seq);
  const first: MergeStep = { kind: 'update', seq: doubtful.seq, superseded };
  return newerOnes.length === 0 ? [first] : [first, stepOf({ kind, members: newerOnes })];
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

function stepOf({ kind, members }: Draft): MergeStep {
  const [first] = members;
  if (first === undefined) throw new RangeError('A step without members.');
  const seqs = members.map(({ seq }) => seq);
  // Of a group nobody knows what it was of: it has to be looked for as it was sent.
  if (members.length === 1 && first.group === null) return { kind: 'one', seq: first.seq };
  if (kind === 'digest') return { kind, seqs, template: first.rule?.template ?? null };
  if (kind === 'replies') return { kind, seqs };
  const { seq } = members.reduce(newer);
  return { kind: 'update', seq, superseded: seqs.filter((other) => other !== seq) };
}

/** By when it happened, then by arrival: what a card shows in the end. Of one event's own, the later one. */
function newer(a: Candidate, b: Candidate): Candidate {
  const order = a.occurredAt - b.occurredAt || a.eventSeq - b.eventSeq || a.seq - b.seq;
  return order > 0 ? a : b;
}
