import { expect } from 'vitest';
import { z } from 'zod';
import { readDocument } from '../../src/language/document.ts';
import { check, object } from '../../src/language/schema.ts';
import { type CompiledRoutes, compileRoutes } from '../../src/routing/route.ts';
import { routeSchema } from '../../src/routing/schema.ts';

/** Compiles YAML routes as the config does; a problem fails the test. */
export function makeRoutes(yaml: string): CompiledRoutes['routes'] {
  const document = readDocument(`routes:\n${yaml.replaceAll(/^/gm, '  ')}`, 'routes.yaml');
  const checked = check(object({ routes: z.array(routeSchema) }), document);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const compiled = compileRoutes(checked.value.routes, document, ['routes']);
  expect([...document.problems, ...compiled.problems]).toEqual([]);
  return compiled.routes;
}
