/** Instants that are none. */

/** "None", as Go and some databases write it. */
export function isNoDate(value: unknown): boolean {
  return typeof value === 'string' && /^\s*000[01]-\d\d-\d\d/.test(value);
}
