/**
 * Merging, planned: which of a lane's waiting deliveries go out together. Pure; the lane does what the plan says.
 *
 * - Every delivery is in exactly one step, and what comes to one place in Slack (the channel, a thread, a card) comes
 *   there in order of acceptance.
 * - What would be messages of their own become one digest: posts, direct messages, and whatever belongs to a subject
 *   that has no card. A message that goes singly ends the digest before it, and so is not overtaken.
 * - Of the updates of one card only the newest is made. Replies to one thread become one.
 * - What went out together and is in doubt stays together: nothing else would find it again.
 */
import type { Target } from '../core/delivery.ts';
import type { MergeRule } from '../routing/route.ts';

/** A delivery that waits, as far as planning has to know it. */
export interface Candidate {
  readonly seq: number;
  readonly verb: Target['verb'];
  /** What its card and thread belong to; null where it has none. */
  readonly subject: string | null;
  readonly hasCard: boolean;
  /** ms since the epoch: by when it happened. */
  readonly occurredAt: number;
  /** Null: always singly. */
  readonly rule: MergeRule | null;
  /** It was held back: what was goes out together, however little it is. */
  readonly released: boolean;
  readonly inDoubt: boolean;
  readonly group: number | null;
}

export type Step =
  | { readonly kind: 'one'; readonly seq: number }
  /** One message with a line for each. */
  | { readonly kind: 'digest'; readonly seqs: readonly number[]; readonly template: string | null }
  /** One reply with the text of each. */
  | { readonly kind: 'replies'; readonly seqs: readonly number[] }
  /** One update of a card, which supersedes the others. */
  | { readonly kind: 'update'; readonly seq: number; readonly superseded: readonly number[] };

/** `candidates`: a lane's, in order of acceptance. */
export function planMerge(candidates: readonly Candidate[]): Step[] {
  const planner = new Planner(candidates.length);
  for (const candidate of candidates) planner.add(candidate);
  return planner.steps();
}

/** A step that may still grow. */
interface Draft {
  readonly kind: Step['kind'];
  readonly members: Candidate[];
}

class Planner {
  readonly #waiting: number;
  readonly #drafts: Draft[] = [];
  readonly #groups = new Map<number, Draft>();
  /** Subject → what of it still grows. */
  readonly #replies = new Map<string, Draft>();
  readonly #updates = new Map<string, Draft>();
  /** Subjects that get a card by a step before. */
  readonly #carded = new Set<string>();
  #digest: Draft | null = null;

  constructor(waiting: number) {
    this.#waiting = waiting;
  }

  add(candidate: Candidate): void {
    if (candidate.group !== null) this.#addToGroup(candidate, candidate.group);
    else if (this.#isMerged(candidate)) this.#merge(candidate);
    else this.#addSingly(candidate);
  }

  steps(): Step[] {
    return this.#drafts.map(stepOf);
  }

  #isMerged({ rule, released, inDoubt }: Candidate): boolean {
    return rule !== null && !inDoubt && (released || this.#waiting > rule.whenWaiting);
  }

  #merge(candidate: Candidate): void {
    const { verb, subject } = candidate;
    const carded = subject !== null && (candidate.hasCard || this.#carded.has(subject));
    if (carded && verb === 'card') this.#grow(this.#updates, subject, { kind: 'update', candidate });
    else if (carded && verb === 'reply') this.#grow(this.#replies, subject, { kind: 'replies', candidate });
    else if (carded && verb === 'react') this.#addSingly(candidate);
    else this.#addLine(candidate);
  }

  #addLine(candidate: Candidate): void {
    if (this.#digest === null || !fits(this.#digest, candidate)) this.#digest = this.#begin('digest');
    this.#digest.members.push(candidate);
  }

  #grow(
    drafts: Map<string, Draft>,
    subject: string,
    { kind, candidate }: { kind: Step['kind']; candidate: Candidate },
  ): void {
    let draft = drafts.get(subject);
    // Updates are only made once, however many they are.
    if (draft === undefined || (kind === 'replies' && !fits(draft, candidate))) draft = this.#begin(kind);
    drafts.set(subject, draft);
    draft.members.push(candidate);
  }

  /** What comes behind it in the same place must not come before it. */
  #addSingly(candidate: Candidate): void {
    const { verb, subject } = candidate;
    this.#begin('one').members.push(candidate);
    if (verb === 'react') return;
    if (subject === null || verb === 'post' || verb === 'dm') {
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
      const replies = candidate.verb === 'reply' && candidate.hasCard;
      draft = this.#begin(replies ? 'replies' : 'digest');
      this.#groups.set(group, draft);
      this.#digest = null;
      this.#replies.clear();
    }
    draft.members.push(candidate);
  }

  #begin(kind: Step['kind']): Draft {
    const draft: Draft = { kind, members: [] };
    this.#drafts.push(draft);
    return draft;
  }
}

/** Whether one more has room, and belongs there. */
function fits({ members }: Draft, { rule }: Candidate): boolean {
  const [first] = members;
  if (first === undefined || rule === null) return true;
  return members.length < rule.maxLines && first.rule?.template === rule.template;
}

function stepOf({ kind, members }: Draft): Step {
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

/** By when it happened, then by arrival: what a card shows in the end. */
function newer(a: Candidate, b: Candidate): Candidate {
  return b.occurredAt >= a.occurredAt ? b : a;
}
