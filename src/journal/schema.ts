/** The journal's tables as Kysely sees them, at the newest version (migrations/). Times are ms since the epoch. */
import type { ColumnType, Generated } from 'kysely';
import type { Actor } from '../core/actor.ts';
import type { DeliveryState } from '../core/delivery.ts';

export interface Tables {
  schema_version: SchemaVersionTable;
  seen: SeenTable;
  events: EventsTable;
  deliveries: DeliveriesTable;
  cards: CardsTable;
  channels: ChannelsTable;
  occurrences: OccurrencesTable;
  thresholds: ThresholdsTable;
  probe: ProbeTable;
  lanes: LanesTable;
  people: PeopleTable;
  attempts: AttemptsTable;
  audit: AuditTable;
  minutes: MinutesTable;
}

/** The databases that it is written for. */
export type Dialect = 'sqlite' | 'postgres';

interface SchemaVersionTable {
  version: number;
  applied_at: number;
  /** The oldest version of the program that can work with this one; null: this one itself. */
  oldest: ColumnType<number | null, number | undefined, number | null>;
}

/** Keys that make an event a duplicate, until they expire. */
interface SeenTable {
  seq: Generated<number>;
  source: string;
  key: string;
  expires_at: number;
}

interface EventsTable {
  seq: Generated<number>;
  id: string;
  source: string;
  topic: string;
  subject: string | null;
  /** JSON: the event without its payload. */
  envelope: string;
  /** As received; the payload is read from it. */
  body: Uint8Array;
  received_at: number;
  /** JSON: how it was received and verified, and its key; see flat.ts. */
  receipt: string | null;
  /** Its `traceparent`. */
  trace: string | null;
  /** How often it came again with another body, and when it last did. */
  conflicts: Counter;
  conflict_at: Optional<number>;
}

interface DeliveriesTable {
  seq: Generated<number>;
  event_seq: number;
  lane: string;
  route: string;
  /** JSON. */
  target: string;
  state: DeliveryState;
  attempts: number;
  due_at: number;
  accepted_at: number;
  updated_at: number;
  /** When the last attempt began; null before the first. */
  attempted_at: number | null;
  /** When the first attempt of unknown outcome began; null where none is in doubt. */
  doubt_since: Optional<number>;
  /** How often it was looked for in Slack since. */
  looks: Counter;
  /** What it was last sent together with: the first of them. Stays when it has ended. */
  group_seq: Optional<number>;
  /** 1: it was held. */
  released: Counter;
  /** What its threshold had counted, and since when; null without one. */
  storm_count: number | null;
  storm_since: number | null;
  /** When `due_at` was set. */
  due_set_at: number;
  /** 1: made by a replay. */
  replay: number;
  /** The delivery that a replay made in its place. */
  replayed_as: Optional<number>;
  /** Who dismissed it, and why; `dismissal` is null unless it was dismissed. */
  dismissed_by: Optional<string>;
  dismissal: Optional<string>;
  /** 0: not yet. 1: in some report. 2: never to be reported. Counts for what is dead or parked. */
  reported: Counter;
  reason_code: string | null;
  reason: string | null;
  channel: Optional<string>;
  ts: Optional<string>;
}

interface CardsTable {
  seq: Generated<number>;
  source: string;
  subject: string;
  /** As the route names it. */
  channel: string;
  /** Slack's id of it. */
  channel_id: string;
  ts: string;
  /** Both null while the message is only a thread's root. */
  shown_at: number | null;
  shown_seq: number | null;
  used_at: number;
}

/** The ids of channels that were only known by name. */
interface ChannelsTable {
  seq: Generated<number>;
  name: string;
  id: string;
}

/** What thresholds count. */
interface OccurrencesTable {
  seq: Generated<number>;
  /** Of a threshold: each is counted apart. */
  route_key: string;
  at: number;
  /** For whoever looks: it may have been pruned. */
  event_seq: number;
}

interface ThresholdsTable {
  seq: Generated<number>;
  route_key: string;
  /** When it was last reached, told or not. */
  over_at: number;
}

/** One row that changes whenever somebody asks whether the journal takes a commit. */
interface ProbeTable {
  id: number;
  commits: number;
}

/** Who runs which lane, where several instances share the journal: a row for each that ever had something to do. */
interface LanesTable {
  seq: Generated<number>;
  lane: string;
  /** The instance that has claimed it; null where none has. */
  owner: Optional<string>;
  /** ms since the epoch, by the database's clock: when it can be claimed, which for an owner is when its lease ends. Null: nothing to do. */
  claimable_at: Optional<number>;
  /** Until then its pace is used up. */
  paced_until: Counter;
  claimed_at: Counter;
}

/** Whom an address belongs to in Slack, as it was looked up. */
interface PeopleTable {
  seq: Generated<number>;
  email: string;
  /** Null: nobody. */
  user_id: string | null;
  /** From then on it is to be looked up again. */
  until: number;
}

/** Of a delivery: those that did not end it at once, and those that came after such. */
interface AttemptsTable {
  seq: Generated<number>;
  delivery_seq: number;
  at: number;
  ms: number | null;
  /** A delivery's state, or `retry`. */
  outcome: DeliveryState | 'retry';
  code: string | null;
  detail: string | null;
}

/** What operators ordered. */
interface AuditTable extends Actor {
  seq: Generated<number>;
  at: number;
  action: 'replay' | 'dismiss';
  /** As the operator gave it. */
  name: string | null;
  /** JSON. */
  selection: string;
  reason: string | null;
  /** Null until it was carried out. */
  deliveries: Optional<number>;
}

/** What an instance counted in a minute that leaves no row elsewhere. */
interface MinutesTable {
  seq: Generated<number>;
  /** Where the minute begins. */
  at: number;
  instance: string;
  /** JSON. */
  counted: string;
}

/** 0 until set. */
type Counter = ColumnType<number, never, number>;

/** Null until set. */
type Optional<T> = ColumnType<T | null, never, T | null>;
