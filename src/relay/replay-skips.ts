/** Why something that was selected is not sent again. Codes are stable; texts say what to do where that is something. */
export interface Skip {
  readonly code: string;
  readonly detail: string;
  /** Null where it is about an event. */
  readonly delivery: number | null;
}

type Why = (route: string) => Omit<Skip, 'delivery'>;

export const SKIPPED = {
  sent: () => ({ code: 'already-sent', detail: 'It has gone out. To send it once more, add --again.' }),
  onItsWay: () => ({ code: 'on-its-way', detail: 'It is waiting to be sent already, or for quiet hours to end.' }),
  replayed: () => ({ code: 'already-replayed', detail: 'It has been replayed already.' }),
  leftOut: () => ({ code: 'left-out', detail: 'It is not among those of that state or time.' }),
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
  unrouted: () => ({ code: 'no-route-takes-it', detail: 'No route takes the event.' }),
  old: () => ({
    code: 'too-old',
    detail:
      'The event is older than `retention`, so it is not known what of it went out. Add --again to send it anyway.',
  }),
  report: () => ({ code: 'report', detail: 'Reports of the relay itself are not replayed.' }),
} satisfies Record<string, Why>;
