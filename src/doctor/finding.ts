/** What `doctor` finds: one line each, with what to do where there is something to do. */
export interface Finding {
  /** `note`: neither good nor bad. A warning is worth knowing; a problem keeps something from working. */
  readonly status: 'ok' | 'note' | 'warning' | 'problem';
  /** Stable and kebab-case. */
  readonly code: string;
  /** One sentence. Holds no secret. */
  readonly message: string;
  readonly remedy?: string;
}

export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

export function ok(code: string, message: string): Finding {
  return { status: 'ok', code, message };
}

export function note(code: string, message: string, remedy?: string): Finding {
  return { status: 'note', code, message, ...(remedy !== undefined && { remedy }) };
}

export function warning(code: string, message: string, remedy: string): Finding {
  return { status: 'warning', code, message, remedy };
}

export function problem(code: string, message: string, remedy: string): Finding {
  return { status: 'problem', code, message, remedy };
}

/** `#ops (action card, done)`, shortened where many need it. */
export function listed(names: readonly string[], most = 4): string {
  const unique = [...new Set(names)];
  const more = unique.length - most;
  return more > 0 ? `${unique.slice(0, most).join(', ')} and ${more} more` : unique.join(', ');
}

/** A reason as a sentence: the table of Slack's codes has none of the points. */
export function sentence(detail: string): string {
  return /[.!?]$/.test(detail) ? detail : `${detail}.`;
}
