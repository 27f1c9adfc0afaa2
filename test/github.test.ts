/** What GitHub reads of this repository: workflows by GitHub's own parser, the rest as YAML. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '..');
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const workflows = globSync('.github/workflows/*.yml', { cwd: ROOT }).toSorted();

/** Its keys, its contexts, its expressions: every mistake that GitHub would show. */
async function mistakesIn(name: string, content: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

describe.each(workflows)('%s', (path) => {
  const text = textOf(path);

  it('is what GitHub takes', async () => {
    expect(await mistakesIn(basename(path), text)).toEqual([]);
    const broken = text.replace('runs-on:', 'run-on:').replace('github.ref ', 'github.reff(');
    expect(await mistakesIn(basename(path), broken)).not.toEqual([]);
  });

  it('may read, and each job asks for what it needs beyond', () => {
    expect(parse(text).permissions).toEqual({ contents: 'read' });
  });

  it('pins each action to a version', () => {
    const used = [...text.matchAll(/uses: *(\S+)/g)].map(([, action]) => action);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((action) => !/^[\w./-]+@(v\d+(\.\d+)*|[0-9a-f]{40})$/.test(action ?? ''))).toEqual([]);
  });

  it('runs scripts that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json'));
    const run = [...text.matchAll(/npm run (\S+)/g)].map(([, name = '']) => name.replace(/\W+$/, ''));
    expect(run.filter((name) => !(name in scripts))).toEqual([]);
  });
});

it('CI tests every major version of Node that package.json promises and the newest', () => {
  const { engines, devDependencies } = JSON.parse(textOf('package.json'));
  const { node } = parse(textOf('.github/workflows/ci.yml')).jobs.test.strategy.matrix;
  expect([`>=${node[0]}`, node.at(-1)]).toEqual([engines.node, Number(/\d+/.exec(devDependencies.node)?.[0])]);
});

describe('the issue forms', () => {
  const forms = globSync('.github/ISSUE_TEMPLATE/*.yml', { cwd: ROOT }).filter((path) => !path.endsWith('config.yml'));

  it.each(forms)('%s has what GitHub needs', (path) => {
    const { name, description, body } = parse(textOf(path));
    expect([name, description]).toEqual([expect.any(String), expect.any(String)]);
    for (const field of body) {
      expect(field.type).toMatch(/^(markdown|textarea|input|dropdown|checkboxes)$/);
      const shown = field.type === 'markdown' ? field.attributes.value : field.attributes.label;
      expect(shown).toEqual(expect.any(String));
    }
    const ids = body.map(({ id }: { id?: string }) => id).filter(Boolean);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(0);
  });
});

it('Dependabot looks at the packages and at the actions', () => {
  const { version, updates } = parse(textOf('.github/dependabot.yml'));
  const systems = updates.map((update: { 'package-ecosystem': string }) => update['package-ecosystem']);
  expect([version, systems]).toEqual([2, ['npm', 'github-actions']]);
});
