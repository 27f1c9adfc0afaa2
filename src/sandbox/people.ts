import { BOT, idKind, userId } from './ids.ts';

export interface Person {
  readonly id: string;
  /** As shown: `Maria Silva`. */
  readonly name: string;
  readonly email: string | null;
  /** Their time zone. */
  readonly tz: string;
}

/** The user groups that every sandbox has. */
export const GROUPS: readonly { readonly id: string; readonly handle: string; readonly name: string }[] = [
  { id: 'S0SUPPORT', handle: 'support', name: 'Support' },
  { id: 'S0ONCALL', handle: 'on-call', name: 'On call' },
];

const DEFAULT_TZ = 'Europe/Paris';

const EMAIL = /^[^\s@<>]{1,64}@[^\s@<>]{1,255}$/;
const APP: Person = { id: BOT.userId, name: 'alo-relay', email: null, tz: DEFAULT_TZ };

/** The workspace's people: made up from their e-mail address or id the first time someone asks for them. */
export class People {
  readonly #byId = new Map<string, Person>([[APP.id, APP]]);
  /** By user id. Outlives `clear`: a relay does not ask again for somebody whom it knows. */
  readonly #emails = new Map<string, string>();

  get all(): readonly Person[] {
    return [...this.#byId.values()];
  }

  /** Undefined for what is no e-mail address, and for those that start with `nobody`. */
  byEmail(email: string): Person | undefined {
    if (!EMAIL.test(email) || /^nobody/i.test(email)) return undefined;
    const id = userId(email);
    this.#emails.set(id, email);
    const known = this.#byId.get(id);
    if (known?.email != null) return known;
    const person = { id, name: nameOf(email), email: email.toLowerCase(), tz: known?.tz ?? DEFAULT_TZ };
    this.#byId.set(id, person);
    return person;
  }

  /** Undefined for what is no user id, and for those that contain `NOBODY`. */
  byId(id: string): Person | undefined {
    if (idKind(id) !== 'user' || id.includes('NOBODY')) return undefined;
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const email = this.#emails.get(id);
    if (email !== undefined) return this.byEmail(email);
    const person = { id, name: id, email: null, tz: DEFAULT_TZ };
    this.#byId.set(id, person);
    return person;
  }

  /** Somebody moves, or travels. `email` as for `byEmail`: false where that gives nobody. */
  move(email: string, tz: string): boolean {
    const person = this.byEmail(email);
    if (person !== undefined) this.#byId.set(person.id, { ...person, tz });
    return person !== undefined;
  }

  clear(): void {
    this.#byId.clear();
    this.#byId.set(APP.id, APP);
  }
}

/** `maria.da-silva+alo@…` is Maria Da Silva. */
function nameOf(email: string): string {
  const words = (email.split(/[@+]/)[0] ?? '').split(/[._-]+/).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
  return name === '' ? email : name;
}
