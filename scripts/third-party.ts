/**
 * What is bundled into `dist/` is found by the modules that the bundlers put there, so both lists name what ships and
 * nothing else: `dist/THIRD_PARTY_LICENSES.txt` and `dist/sbom.cdx.json` (CycloneDX).
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** A package URL. */
  readonly purl: string;
  /** SPDX: an id or an expression. */
  readonly license: string;
  readonly texts: readonly string[];
  /** As package-lock.json has it: `sha512-…`. */
  readonly integrity: string | undefined;
}

const LIST = 'bundled-packages.json';
const LICENSES = 'THIRD_PARTY_LICENSES.txt';
const SBOM = 'sbom.cdx.json';

/** Leaves the folders of the packages in the bundle as a list beside it, for `writeThirdParty`. */
export const listBundledPackages: Plugin = {
  name: 'list-bundled-packages',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    const folders = new Set(modules.map(folderOf).filter((folder) => folder !== null));
    this.emitFile({ type: 'asset', fileName: LIST, source: JSON.stringify([...folders]) });
  },
};

/** Relative to the project. The bundlers' own helpers have ids such as `\0vite/preload-helper.js`. */
function folderOf(id: string): string | null {
  const path = id.replaceAll('\\', '/');
  const [, helper] = /^\0(vite|rolldown)\//.exec(path) ?? [];
  if (helper !== undefined) return `node_modules/${helper}`;
  const [, folder = null] = /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  return folder;
}

/** After both bundlers: takes their lists, and writes what is to be shipped. */
export function writeThirdParty(output: string, further: readonly BundledPackage[] = []): void {
  const lists = [`dist/${LIST}`, `dist/web/${LIST}`];
  const folders = lists.flatMap((list): string[] => JSON.parse(readFileSync(list, 'utf8')));
  const { packages: locked } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const found = [...new Set(folders)].map((folder) => readPackage(folder, locked[folder]?.integrity));
  const packages = [...new Map([...found, ...further].map((one) => [idOf(one), one])).values()];
  packages.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  writeFileSync(join(output, LICENSES), licensesText(packages));
  writeFileSync(join(output, SBOM), `${JSON.stringify(sbom(packages), null, 2)}\n`);
}

export function readPackage(folder: string, integrity: string | undefined): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = globSync('{licen[sc]e,LICEN[SC]E,License,copying,COPYING,notice,NOTICE}{,.*,-*}', { cwd: folder });
  const texts = [...new Set(files.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim()))];
  if (typeof license !== 'string')
    throw new Error(`${folder}/package.json names no licence: look what it may be used for.`);
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { name, version, purl, license, texts: texts.length > 0 ? texts : textsInReadme(folder), integrity };
}

/** Some packages have their licence as a section of the README. */
function textsInReadme(folder: string): string[] {
  const sections = globSync('{README,Readme,readme}.md', { cwd: folder })
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .flatMap((text) => text.split(/^#+ /m));
  const section = sections.find((text) => /^licen[sc]e/i.test(text) && text.includes('Copyright'));
  return section === undefined ? [] : [section.replace(/^.*\n/, '').trim()];
}

const idOf = ({ name, version }: BundledPackage) => `${name}@${version}`;

function licensesText(packages: readonly BundledPackage[]): string {
  const parts = packages.map((one) => {
    const texts = one.texts.length > 0 ? one.texts : ['The package comes without the text of its licence.'];
    return `${idOf(one)} (${one.license})\n\n${texts.join('\n\n')}\n`;
  });
  const head = 'alo-relay contains these packages, each under the licence below its name.\n';
  return [head, ...parts].join(`\n${'='.repeat(80)}\n\n`);
}

/** Without a time and a serial number: the same sources make the same file. */
function sbom(packages: readonly BundledPackage[]): object {
  const own = readPackage('.', undefined);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component(own, 'application') },
    components: packages.map((one) => component(one, 'library')),
  };
}

function component(one: BundledPackage, type: string): object {
  const { name, version, purl, license, integrity } = one;
  const [, hash] = /^sha512-(.+)/.exec(integrity ?? '') ?? [];
  const hashes =
    hash === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }] };
  const licenses = [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }];
  return { type, 'bom-ref': purl, name, version, purl, licenses, ...hashes };
}

if (import.meta.main) {
  writeThirdParty('dist');
}
