/** What `npm run build` left: the licences and the bill of materials of what it bundled. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

const DIST = resolve(import.meta.dirname, '../../dist');
const built = existsSync(join(DIST, 'sbom.cdx.json'));

/** Whoever adds a package with another licence looks first whether it may be shipped. */
const ALLOWED = ['Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'Unlicense'];
/** Published without the text. */
const WITHOUT_TEXT = ['koa-compose', 'standardwebhooks'];

const textOf = (name: string) => readFileSync(join(DIST, name), 'utf8');
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

describe.skipIf(!built)(built ? 'the lists of what is bundled' : 'dist/ is not built (npm run build)', () => {
  const sbom = built ? json(join(DIST, 'sbom.cdx.json')) : { components: [] };
  const components: { name: string; version: string; licenses: { license: { id: string } }[]; hashes?: object[] }[] =
    sbom.components;
  const names = components.map(({ name }) => name);

  it('is a CycloneDX document', () => {
    const library = dirname(dirname(fileURLToPath(import.meta.resolve('@cyclonedx/cyclonedx-library'))));
    const schema = (name: string) => json(join(library, `res/schema/${name}.SNAPSHOT.schema.json`));
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    ajv.addSchema(schema('spdx'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json');
    ajv.addSchema(schema('jsf-0.82'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json');
    const validate = ajv.compile(schema('bom-1.6'));
    validate(sbom);
    expect(validate.errors).toBeNull();
    expect(validate({ ...sbom, components: [{ name: 'a' }] })).toBe(false);
  });

  it('names what ships, of the server and of the pages, each with the hash of its archive', () => {
    expect(names).toEqual(expect.arrayContaining(['koa', 're2js', 'zod', 'react', '@codemirror/view', 'uplot']));
    expect(components.filter(({ hashes }) => hashes?.length !== 1)).toEqual([]);
  });

  it('names nothing that only builds or tests', () => {
    expect(
      names.filter((name) => /^(vitest|typescript|knip|@types\/.*|node-emoji|react-markdown)$/.test(name)),
    ).toEqual([]);
  });

  it('every licence is one that may be shipped', () => {
    const others = components.filter(({ licenses }) => !ALLOWED.includes(licenses[0]?.license.id ?? ''));
    expect(others.map(({ name, licenses }) => [name, licenses])).toEqual([]);
  });

  it('every package is listed with the text of its licence', () => {
    const parts = textOf('THIRD_PARTY_LICENSES.txt')
      .split(`\n${'='.repeat(80)}\n\n`)
      .slice(1);
    expect(parts.map((part) => /^\S+/.exec(part)?.[0])).toEqual(components.map((one) => `${one.name}@${one.version}`));
    const short = parts.filter((part) => part.length < 500).map((part) => part.slice(0, part.indexOf('@', 1)));
    expect(short).toEqual(WITHOUT_TEXT);
  });
});
