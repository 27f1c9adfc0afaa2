/** Reads fields of a response of Slack, of which nothing is taken for granted. */

export function objectAt(holder: object | undefined, key: string): object | undefined {
  const value: unknown = holder === undefined ? undefined : Reflect.get(holder, key);
  return typeof value === 'object' && value !== null ? value : undefined;
}

export function textAt(holder: object | undefined, key: string): string | undefined {
  const value: unknown = holder === undefined ? undefined : Reflect.get(holder, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The objects of a list; undefined where there is no list. */
export function objectsAt(holder: object, key: string): object[] | undefined {
  const value: unknown = Reflect.get(holder, key);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : undefined;
}

/** Where the next page begins; undefined on the last one. */
export function nextCursor(answer: object): string | undefined {
  return textAt(objectAt(answer, 'response_metadata'), 'next_cursor');
}

/** Whether a reply, as Slack gives it back, is in no thread. */
export function astrayIn(reply: object): { readonly astray?: true } {
  return textAt(reply, 'thread_ts') === undefined ? { astray: true } : {};
}
