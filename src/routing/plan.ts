/**
 * Planning: which routes take an event, and what each owes to whom. Pure: the same event and routes give the same
 * deliveries at the same instant, so a dry run tells the truth.
 *
 * Bounded, whatever the event holds: the deliveries of an event by `delivery.max_per_event`, the work of its routes by
 * STEPS. A route that goes beyond owes one dead delivery that says so; the other routes are planned all the same.
 */
import type { PlannedDelivery, Target } from '../core/delivery.ts';
import type { Person, RelayEvent } from '../core/event.ts';
import type { Reason } from '../core/outcome.ts';
import type { Expression } from '../language/expression.ts';
import { type Text, TextError } from '../language/text.ts';
import { STEPS, TOO_MUCH_WORK, WorkBudget, WorkLimitError } from '../language/work.ts';
import { countingOf } from './counting.ts';
import { heldUntil } from './holding.ts';
import { type Match, match } from './match.ts';
import { recipients } from './recipients.ts';
import type { Route, RouteStep } from './route.ts';

export interface Plan {
  readonly deliveries: readonly PlannedDelivery[];
  /** What a route could not plan and why; for the log, and for whoever asks what became of an event. */
  readonly notes: readonly PlanNote[];
}

interface PlanNote {
  readonly route: string;
  readonly note: string;
}

export interface Planning {
  /** One key per human, however the event names them. */
  readonly personKey: (person: Person) => string;
  /** `delivery.max_per_event` */
  readonly maxPerEvent: number;
}

export interface PlanContext extends Planning {
  /** ms since the epoch: quiet hours are those of this instant. */
  readonly now: number;
}

/** Reads the routes from top to bottom: every match fires, a match with `stop` ends the reading. */
export function plan(event: RelayEvent, routes: readonly Route[], context: PlanContext): Plan {
  const reading = planByRoute(event, routes, context);
  for (;;) {
    const read = reading.next();
    if (read.done) return read.value;
  }
}

/** The same, one route at a time: gives the steps that each took, for who has other work to do in between. */
export function* planByRoute(
  event: RelayEvent,
  routes: readonly Route[],
  context: PlanContext,
): Generator<number, Plan, void> {
  const planner = new Planner(event, context);
  const deliveries: PlannedDelivery[] = [];
  const notes: PlanNote[] = [];
  for (const route of routes) {
    const planned = planner.read(route);
    deliveries.push(...planned.deliveries);
    for (const note of planned.notes) notes.push({ route: route.name, note });
    if (planned.match.kind === 'taken' && route.stop) break;
    yield planned.steps;
  }
  return { deliveries, notes };
}

export interface RoutePlan {
  readonly match: Match;
  readonly deliveries: readonly PlannedDelivery[];
  readonly notes: readonly string[];
  /** The work that it was. */
  readonly steps: number;
}

type Owed = Pick<RoutePlan, 'deliveries' | 'notes'>;

const NOTHING: Owed = { deliveries: [], notes: [] };

/** Reads an event's routes in their order. What is left for the next route is its state. */
export class Planner {
  readonly #event: RelayEvent;
  readonly #context: PlanContext;
  #taken = false;
  /** Steps for the routes to come. */
  #steps: number = STEPS.event;
  /** Deliveries that may still be made. */
  #room: number;

  constructor(event: RelayEvent, context: PlanContext) {
    this.#event = event;
    this.#context = context;
    this.#room = context.maxPerEvent;
  }

  read(route: Route): RoutePlan {
    const work = new WorkBudget(Math.max(STEPS.reserve, Math.min(STEPS.route, this.#steps)));
    const matched = match(route, this.#event, { taken: this.#taken, work });
    let planned = NOTHING;
    if (matched.kind === 'undecided') planned = tooMuchWork(route.name, 'when', matched.reason);
    else if (matched.kind === 'taken') {
      this.#taken = true;
      planned = this.#owed(route, work);
    }
    this.#steps -= work.spent;
    return { match: matched, steps: work.spent, ...planned };
  }

  #owed(route: Route, work: WorkBudget): Owed {
    const planning = new RoutePlanning(this.#event, this.#context, work);
    try {
      const { room, ...planned } = planning.of(route, this.#room);
      this.#room = room;
      return planned;
    } catch (error) {
      if (error instanceof WorkLimitError) return tooMuchWork(route.name, planning.part, error.message);
      throw error;
    }
  }
}

/** What one route owes. `part`: the key of the route that is read, for whoever has to say which was too much work. */
class RoutePlanning {
  part = '';
  readonly #event: RelayEvent;
  readonly #context: PlanContext;
  readonly #work: WorkBudget;

  constructor(event: RelayEvent, context: PlanContext, work: WorkBudget) {
    this.#event = event;
    this.#context = context;
    this.#work = work;
  }

  /** @throws WorkLimitError */
  of({ name, steps, quiet, atLeast }: Route, room: number): Owed & { readonly room: number } {
    const event = this.#event;
    const work = this.#work;
    const notes: string[] = [];
    this.part = 'urgent';
    const held = quiet === null ? null : heldUntil(quiet, event, { now: this.#context.now, work });
    this.part = 'at_least.per';
    const counting = atLeast === null ? null : countingOf(atLeast, name, { event, work });
    if (counting?.note !== undefined) notes.push(counting.note);
    const counted = counting !== null && { threshold: counting.threshold };
    const shared = { route: name, ...(held !== null && { heldUntil: held }), ...counted };
    const deliveries: PlannedDelivery[] = [];
    let left = room;
    let cut = 0;
    for (const step of steps) {
      const planned = this.#step(step, left);
      for (const { lane, target } of planned.targets) deliveries.push({ lane, target, ...shared });
      left -= planned.targets.length;
      cut += planned.cut;
      if (planned.note !== undefined) notes.push(planned.note);
    }
    if (cut > 0) {
      const remedy = remedyOf(steps, { room, most: this.#context.maxPerEvent });
      deliveries.push({ ...notMade(name, tooMany(cut, this.#context.maxPerEvent, remedy)), ...counted });
    }
    return { deliveries, notes, room: left };
  }

  #step(step: RouteStep, room: number): PlannedStep {
    const { verb, keys, channel: name, to } = step;
    if (to !== null) return this.#people(step, to, room);
    if (name === null || room === 0) return { targets: [], cut: 1 };
    this.part = `${verb}.channel`;
    const channel = this.#channel(name);
    return { targets: [{ lane: `channel:${channel}`, target: { verb, ...keys, channel } }], cut: 0 };
  }

  #people({ verb, keys }: RouteStep, to: Expression, room: number): PlannedStep {
    this.part = `${verb}.to`;
    const evaluation = to.evaluate({ event: this.#event }, this.#work);
    this.#work.check();
    if (!evaluation.ok) return { targets: [], cut: 0, note: `${this.part} found nobody: ${evaluation.reason}.` };
    const { people, more } = recipients(evaluation.value, {
      room,
      personKey: this.#context.personKey,
      work: this.#work,
    });
    const targets = people.map(([key, who]) => ({ lane: `dm:${key}`, target: { verb, ...keys, to: who } }));
    if (targets.length + more === 0) return { targets, cut: 0, note: `${this.part} found nobody.` };
    return { targets, cut: more };
  }

  /** A channel that cannot be rendered becomes an empty name: refused when it is sent, with its reason, not lost here. */
  #channel(channel: Text): string {
    try {
      return channel.render({ event: this.#event }, { mention: () => undefined }, this.#work);
    } catch (error) {
      this.#work.check();
      if (error instanceof TextError) return '';
      throw error;
    }
  }
}

interface PlannedStep {
  readonly targets: readonly { readonly lane: string; readonly target: Target }[];
  /** How many more there would be without `delivery.max_per_event`. */
  readonly cut: number;
  readonly note?: string;
}

function tooMuchWork(route: string, part: string, reason: string): Owed {
  const remedy = 'Walk fewer items there: no exists, filter or map within another.';
  const detail = `The route's ${part} is too much work: ${reason}. ${remedy}`;
  return { deliveries: [notMade(route, { code: TOO_MUCH_WORK, detail })], notes: [] };
}

/** `room`: what the routes before left of `most`. */
function remedyOf(steps: readonly RouteStep[], { room, most }: { room: number; most: number }): string {
  const personal = steps.find(({ to }) => to !== null);
  if (personal !== undefined && room > 0) return `Raise it, or narrow the route's ${personal.verb}.to.`;
  return room < most ? 'Raise it, or let the routes above make fewer.' : 'Raise it, or remove steps from the route.';
}

function tooMany(cut: number, most: number, remedy: string): Reason {
  const what = cut === 1 ? '1 more delivery was' : `${cut} more deliveries were`;
  return {
    code: 'too_many_deliveries',
    detail: `${what} not made: an event makes at most ${most} (delivery.max_per_event). ${remedy}`,
  };
}

function notMade(route: string, dead: Reason): PlannedDelivery {
  return { lane: `route:${route}`, route, target: { verb: 'none' }, dead };
}
