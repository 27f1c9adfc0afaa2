import { expect } from 'vitest';
import { z } from 'zod';
import { readDocument } from '../../src/language/document.ts';
import { check, object } from '../../src/language/schema.ts';
import { quietHoursSchema } from '../../src/routing/quiet-hours.ts';
import { type CompiledRoutes, compileRoutes } from '../../src/routing/route.ts';
import type { MergeRule } from '../../src/routing/rules.ts';
import { routeSchema } from '../../src/routing/schema.ts';

interface Setting {
  /** YAML: names, each with its windows. */
  readonly quietHours?: string;
  /** Of a route that says nothing about it. */
  readonly merge?: MergeRule | null;
}

/** Compiles YAML routes as the config does; a problem fails the test. */
export function makeRoutes(yaml: string, { quietHours = '{}', merge = null }: Setting = {}): CompiledRoutes['routes'] {
  const text = `quiet_hours: ${quietHours}\nroutes:\n${yaml.replaceAll(/^/gm, '  ')}`;
  const document = readDocument(text, 'routes.yaml');
  const schema = object({ quiet_hours: quietHoursSchema, routes: z.array(routeSchema) });
  const checked = check(schema, document);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const setting = { base: ['routes'], quietHours: checked.value.quiet_hours, merge };
  const compiled = compileRoutes(checked.value.routes, document, setting);
  expect([...document.problems, ...compiled.problems]).toEqual([]);
  return compiled.routes;
}
