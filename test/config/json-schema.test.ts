import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { loadTemplates } from '../../src/templates/load.ts';
import { templateJsonSchema } from '../../src/templates/schema.ts';

const ajv = new Ajv({ allErrors: true, strictTypes: false, strictRequired: false });
const configs = ajv.compile(configJsonSchema());
const templates = ajv.compile(templateJsonSchema());

function contentOf(file: string): unknown {
  return parse(readFileSync(file, 'utf8'), { logLevel: 'silent' });
}

/** Mistakes that stand in the shape of a file, as against in what it says. */
const OF_SHAPE = new Set([
  'comment-as-a-value',
  'unbraced-variable',
  'unknown-key',
  'missing-key',
  'bad-value',
  'unknown-type',
  'too-long',
]);

function isYaml(file: string): boolean {
  return parseDocument(readFileSync(file, 'utf8')).errors.length === 0;
}

/** What JSON Schema cannot tell, or only by saying it twice. */
const UNSEEN = new Set([
  'config/bad/bad-emoji.yaml',
  'config/bad/emoji-is-a-picture.yaml',
  'config/bad/quiet-hours-zone-abbreviated.yaml',
  'templates/bad/bad-url.yaml',
  'templates/bad/ids-twice.yaml',
  'templates/bad/misplaced-when.yaml',
  'templates/bad/summary-too-long.yaml',
  'templates/bad/text-too-long.yaml',
]);

function canSee(file: string, codes: readonly string[]): boolean {
  return codes.some((code) => OF_SHAPE.has(code)) && !UNSEEN.has(relative('test/fixtures', file));
}

describe('the JSON Schema of config files', () => {
  it.each(['config.example.yaml', ...globSync('test/fixtures/config/*.yaml')])('takes %s', (file) => {
    configs(contentOf(file));
    expect(configs.errors ?? []).toEqual([]);
  });

  it.each(globSync('test/fixtures/config/bad/*.yaml'))(
    'refuses %s, where its mistake is one of shape',
    async (file) => {
      const { problems } = await loadConfig(file, {});
      if (problems.some(({ code }) => code === 'yaml') || !isYaml(file)) return;
      const codes = problems.filter((problem) => problem.file === file).map(({ code }) => code);
      expect(configs(contentOf(file))).toBe(!canSee(file, codes));
    },
  );

  it('takes a variable wherever a value may stand', () => {
    const value = '${ANY}';
    const config = {
      server: { host: value, port: value, body_limit: value },
      journal: { url: value, schema: value, pool: value, tls: { ca: value, verify: value } },
      retention: value,
      sources: { alo: { type: value, secrets: [value], dedupe: { key: value, window: value } } },
      slack: { token: value, api_url: value, fallback_channel: value },
      people: { match_by_email: value, map: { 'a@example.com': value } },
      quiet_hours: { nights: { timezone: value, days: [value], from: value, to: value } },
      delivery: { merge: { when_waiting: value, max_lines: value }, max_per_event: value, unknown_outcome: value },
      routes: [{ on: value, stop: value, post: { channel: value, template: value } }],
    };
    configs(config);
    expect(configs.errors ?? []).toEqual([]);
  });
});

describe('the JSON Schema of templates', () => {
  const bad = 'test/fixtures/templates/bad';

  it.each([...globSync('templates/*.yaml'), ...globSync('test/fixtures/config/templates-for-config/*.yaml')])(
    'takes %s',
    (file) => {
      templates(contentOf(file));
      expect(templates.errors ?? []).toEqual([]);
    },
  );

  it('refuses those whose mistake is one of shape, and no others', async () => {
    const { problems } = await loadTemplates(bad);
    const verdicts = globSync(`${bad}/*.yaml`).flatMap((file): [string, boolean, boolean][] => {
      const codes = problems.filter((problem) => problem.file === file).map(({ code }) => code);
      if (codes.includes('yaml')) return [];
      return [[file, templates(contentOf(file)), !canSee(file, codes)]];
    });
    expect(verdicts.filter(([, taken, expected]) => taken !== expected)).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(20);
  });
});

it.each(['config.example.yaml', ...globSync('templates/*.yaml')])(
  '%s names the schema that the build writes',
  (file) => {
    const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(file, 'utf8')) ?? [];
    expect(join(dirname(file), path)).toBe(
      file === 'config.example.yaml' ? 'dist/schemas/config.json' : 'dist/schemas/template.json',
    );
  },
);

describe.each([
  ['config files', configJsonSchema()],
  ['templates', templateJsonSchema()],
])('the JSON Schema of %s', (_, schema) => {
  it('explains every key, and takes no others', () => {
    const objects = [...objectsOf(schema, '')];
    expect(objects.length).toBeGreaterThan(0);
    const keys = objects.flatMap(({ path, properties }) =>
      Object.entries(properties).map(([key, value]) => [`${path}.${key}`, Object(value).description ?? '']),
    );
    expect(keys.filter(([, description]) => description.length < 10)).toEqual([]);
    expect(objects.filter(({ closed, path }) => !closed && !path.includes('.blocks'))).toEqual([]);
  });
});

interface Described {
  readonly path: string;
  readonly properties: object;
  readonly closed: boolean;
}

/** Every object with keys of its own; conditions only narrow what is described elsewhere. */
function* objectsOf(node: unknown, path: string): Generator<Described> {
  if (typeof node !== 'object' || node === null) return;
  const { properties, additionalProperties } = Object(node);
  if (properties !== undefined) yield { path, properties, closed: additionalProperties === false };
  for (const [key, value] of Object.entries(node)) {
    if (key === 'allOf') continue;
    if (key !== 'properties') yield* objectsOf(value, path);
    else for (const [name, inner] of Object.entries(Object(value))) yield* objectsOf(inner, `${path}.${name}`);
  }
}
