/** What is right in a config of which something is wrong, so that the rest is checked all the same. */
import { z } from 'zod';
import type { SourceDocument } from '../language/document.ts';
import { salvage } from '../language/salvage.ts';
import { routeSchema, type WrittenRoute } from '../routing/schema.ts';
import { configSchema, type WrittenConfig } from './schema.ts';

const { shape } = configSchema;
const restSchema = configSchema.extend({ sources: shape.sources.catch({}), routes: z.array(routeSchema).catch([]) });

/** Sends nothing, and stands where a route has nothing that can be checked. */
const INERT = { stop: true };

/** Null where nothing can be said of the rest. Each route keeps its place. */
export function restOf({ value }: Pick<SourceDocument, 'value'>): WrittenConfig | null {
  if (!isFields(value) || !['string', 'undefined'].includes(typeof value.templates)) return null;
  const sources = salvage(shape.sources, value.sources);
  const rest = restSchema.safeParse(salvage(restSchema, { ...value, sources, routes: routesIn(value) }));
  if (!rest.success) return null;
  // Those with a mistake are there, too.
  const names = isFields(value.quiet_hours) ? Object.keys(value.quiet_hours) : [];
  const quiet_hours = { ...Object.fromEntries(names.map((name) => [name, []])), ...rest.data.quiet_hours };
  return { ...rest.data, quiet_hours };
}

/** The routes alone. Each keeps its place. */
export function restOfRoutes({ value }: Pick<SourceDocument, 'value'>): readonly WrittenRoute[] {
  return isFields(value) ? z.array(routeSchema).parse(routesIn(value)) : [];
}

function routesIn({ routes }: Readonly<Record<string, unknown>>): unknown[] {
  return Array.isArray(routes) ? routes.map(routeOf) : [];
}

/** So that the rest of a step is checked. */
const STAND_INS = { channel: '#channel', to: 'event.actor', emoji: 'eyes' };

function routeOf(written: unknown): unknown {
  return isFields(written) ? (salvage(routeSchema, { ...written, ...INERT }, STAND_INS) ?? INERT) : INERT;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
