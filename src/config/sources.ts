/** The `sources:` of the config, made ready to verify and read webhooks. */
import type { Problem } from '../core/problem.ts';
import { caret } from '../language/caret.ts';
import type { Path, SourceDocument } from '../language/document.ts';
import { compileExpression, type Expression } from '../language/expression.ts';
import { SOURCE_TYPES } from '../sources/registry.ts';
import { createSource, type Source } from '../sources/source.ts';
import { type EventField, isEventField } from '../sources/source-type.ts';
import { hasError } from './environment.ts';
import type { WrittenConfig } from './schema.ts';

type WrittenSource = WrittenConfig['sources'][string];

export interface BuiltSources {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
}

/** Sources with a problem are left out; nothing is built from them anyway. */
export function buildSources(written: WrittenConfig, document: SourceDocument): BuiltSources {
  const problems: Problem[] = [];
  const sources = Object.entries(written.sources).flatMap(([name, source]) => {
    const before = problems.length;
    const base = ['sources', name];
    const usable = checkSecrets(source, base, { document, problems });
    const fields = compileFields(source, base, { document, problems });
    const key = compile(source.dedupe.key, [...base, 'dedupe', 'key'], { document, problems });
    if (!usable || problems.length > before) return [];
    const { secrets, redact = [] } = source;
    const type = SOURCE_TYPES[source.type];
    const dedupe = { key, windowMs: source.dedupe.window };
    const { retention: retentionMs, server } = written;
    const limits = { retentionMs, bodyLimitBytes: server.body_limit };
    return [createSource({ name, type, secrets, fields, dedupe, redact, ...limits })];
  });
  return { sources, problems };
}

interface Report {
  readonly document: SourceDocument;
  readonly problems: Problem[];
}

/** Whether every secret can be used. */
function checkSecrets(source: WrittenSource, base: Path, { document, problems }: Report): boolean {
  const faults = source.secrets.map((secret, index) => {
    const place = document.place([...base, 'secrets', index]);
    const fault = SOURCE_TYPES[source.type].secretFault(secret.reveal());
    if (fault !== null && !hasError(place, document)) problems.push({ ...place, code: 'bad-secret', message: fault });
    return fault;
  });
  return faults.every((fault) => fault === null);
}

function compileFields(source: WrittenSource, base: Path, report: Report): ReadonlyMap<EventField, Expression> {
  const fields = new Map<EventField, Expression>();
  for (const [field, written] of Object.entries(source.fields)) {
    const expression = compile(written, [...base, 'fields', field], report);
    if (expression !== null && isEventField(field)) fields.set(field, expression);
  }
  return fields;
}

function compile(written: string | undefined, path: Path, { document, problems }: Report): Expression | null {
  if (written === undefined) return null;
  const compiled = compileExpression(written, { vocabulary: 'payload' });
  if (compiled.ok) return compiled.expression;
  const { code, message, offset } = compiled.error;
  problems.push({ ...document.placeWithin(path, offset), code, message, remedy: caret(written, offset) });
  return null;
}
