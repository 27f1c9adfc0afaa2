/** Why something that was selected is not sent again. Codes are stable; texts say what to do where that is something. */
export interface Skip {
  readonly code: string;
  readonly detail: string;
  /** Null where it is about an event. */
  readonly delivery: number | null;
}

/** Given the route's name, the reason, or the state. */
type Why = (of: string) => Omit<Skip, 'delivery'>;

export const SKIPPED = {
  sent: () => ({ code: 'already-sent', detail: 'It has gone out. To send it once more, add --again.' }),
  onItsWay: () => ({ code: 'on-its-way', detail: 'It is waiting to be sent already, or for quiet hours to end.' }),
  replayed: () => ({ code: 'already-replayed', detail: 'It has been replayed already.' }),
  leftOut: () => ({
    code: 'left-out',
    detail: 'It is not in one of those states, or not of that time, route or reason.',
  }),
  notFailed: (state) => ({
    code: 'not-failed',
    detail: `It is ${state}: only dead and parked deliveries can be dismissed.`,
  }),
  alreadyDismissed: () => ({ code: 'already-dismissed', detail: 'It is dismissed already.' }),
  dismissed: () => ({
    code: 'dismissed',
    detail: 'It was dismissed. To send it anyway, replay it by its number, or add --again.',
  }),
  notDismissed: () => ({ code: 'not-listed', detail: 'It was replayed or dismissed meanwhile.' }),
  routeGone: (route) => ({
    code: 'no-route',
    detail: `There is no route "${route}" any more: nothing says where it should go.`,
  }),
  notTaken: (route) => ({
    code: 'not-routed',
    detail: `The route "${route}" does not send this event any more: its condition, topics or recipients changed.`,
  }),
  covered: (route) => ({
    code: 'covered',
    detail: `What the route "${route}" sends for this event today has gone out already, or is listed by itself.`,
  }),
  counted: (route) => ({
    code: 'counted',
    detail: `The route "${route}" sends only when there are enough within a time (at_least). A replay counts nothing, and sends none of them singly.`,
  }),
  beyond: (why) => ({ code: 'beyond-bounds', detail: `It would end the same way again. ${why}` }),
  unrouted: () => ({ code: 'no-route-takes-it', detail: 'No route takes the event.' }),
  old: () => ({
    code: 'too-old',
    detail:
      'The event is older than `retention`, so it is not known what of it went out. Add --again to send it anyway.',
  }),
  report: () => ({ code: 'report', detail: 'Reports of the relay itself are not replayed.' }),
} satisfies Record<string, Why>;

/** Reasons told apart in a result; further ones count with the last. */
const REASONS = 100;

export class SkipCount {
  readonly #skips = new Map<string, Skip & { count: number }>();

  add(skip: Skip): void {
    const key = `${skip.code} ${skip.detail}`;
    const known = this.#skips.get(key) ?? (this.#skips.size >= REASONS ? [...this.#skips.values()].at(-1) : null);
    if (known) known.count += 1;
    else this.#skips.set(key, { ...skip, count: 1 });
  }

  list(): { code: string; detail: string; count: number; delivery: number | null }[] {
    return [...this.#skips.values()].map(({ code, detail, count, delivery }) => ({ code, detail, count, delivery }));
  }
}
