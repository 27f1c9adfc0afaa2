/** Reads what `/metrics` answers, strictly: a line that is not of the format fails. */
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (Na[Nn]|[+-]?Inf|[-+.\deE]+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;

export interface Samples {
  /** Label values, `name=value` joined by commas, and the sample of each. */
  of(name: string): Record<string, number>;
  has(name: string): boolean;
  /** Label names by metric; `le` of a histogram's buckets included. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
  /** Without `_bucket`, `_sum` and `_count`. */
  readonly families: ReadonlyMap<string, { readonly type: string; readonly help: string }>;
}

export function samplesIn(text: string): Samples {
  const values = new Map<string, Record<string, number>>();
  const labels = new Map<string, Set<string>>();
  const helps = new Map<string, string>();
  const families = new Map<string, { type: string; help: string }>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, of = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') helps.set(of, rest);
    else if (kind === 'TYPE') families.set(of, { type: rest, help: helps.get(of) ?? '' });
    else add(line);
  }

  function add(line: string): void {
    const [, name = '', written = '', value] = SAMPLE.exec(line) ?? [];
    if (value === undefined) throw new Error(`not a sample: ${line}`);
    const pairs = [...written.matchAll(LABEL)];
    if (pairs.map(([pair]) => pair).join('') !== written) throw new Error(`not labels: ${line}`);
    // Their order has no meaning; here the bound of a bucket comes last.
    pairs.sort(([, one], [, other]) => Number(one === 'le') - Number(other === 'le'));
    const key = pairs.map(([, label, at]) => `${label}=${at}`).join(',');
    const known = values.get(name) ?? {};
    if (key in known) throw new Error(`twice: ${line}`);
    known[key] = Number(value.replace('Inf', 'Infinity'));
    values.set(name, known);
    labels.set(name, new Set([...(labels.get(name) ?? []), ...pairs.map(([, label = '']) => label)]));
  }

  return { of: (name) => values.get(name) ?? {}, has: (name) => values.has(name), labels, families };
}
