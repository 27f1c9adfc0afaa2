/** The image, the compose file and the Kubernetes manifests, as far as they can be tried without an engine. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, matchesGlob, resolve } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { PersistentVolumeClaim, Secret, Service } from 'kubernetes-models/v1';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { freePort } from '../helpers/free-port.ts';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { until } from '../helpers/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CONTAINER = join(ROOT, 'ops/container');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const UID = 10_001;

describe('the Dockerfile', () => {
  const lines = read('Dockerfile').replaceAll('\\\n', ' ').split('\n');
  const of = (instruction: string) => lines.filter((line) => line.startsWith(`${instruction} `));

  it('copies only what is there, and what .dockerignore leaves', () => {
    const ignored = read('.dockerignore').trim().split('\n');
    const own = of('COPY').filter((line) => !line.includes('--from='));
    const sources = own.flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
    const needed = ['package.json', 'src', 'scripts', 'templates', 'LICENSE', 'rolldown.config.ts', 'vite.config.ts'];
    expect(needed.filter((name) => ignored.some((pattern) => matchesGlob(name, pattern)))).toEqual([]);
  });

  it('starts Node itself, as a user with a number, and ends by SIGTERM', () => {
    expect(of('USER').at(-1)).toBe(`USER ${UID}:${UID}`);
    expect(of('ENTRYPOINT')).toEqual(['ENTRYPOINT ["node", "/app/dist/cli.js"]']);
    expect(of('CMD').at(-1)).toBe('CMD ["serve"]');
    expect(of('STOPSIGNAL')).toEqual(['STOPSIGNAL SIGTERM']);
    expect(of('HEALTHCHECK')[0]).toMatch(/CMD \["node", "-e", .*\/healthz/);
  });
});

const SECRETS = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  ALO_WEBHOOK_SECRET: 'alo-secret-for-tests-0123456789',
  ALLO_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  ADMIN_TOKEN: 'a-token-that-is-long-enough',
};

describe('the entry point', () => {
  let folder = '';
  afterEach(() => removeFolder(folder));
  const canSwitch = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).error === undefined;

  it.skipIf(!canSwitch)(
    'runs as that user, who may write to the journal folder alone, and stops in order',
    async () => {
      folder = await makeFolder('templates', 'package.json');
      chmodSync(folder, 0o755);
      cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.map') });
      for (const name of ['data', 'secrets']) mkdirSync(join(folder, name));
      chownSync(join(folder, 'data'), UID, UID);
      const ports = { 3000: await freePort(), 3001: await freePort() };
      const config = readFileSync(join(CONTAINER, 'config.yaml'), 'utf8')
        .replace('port: 3000', `port: ${ports[3000]}`)
        .replace('port: 3001', `port: ${ports[3001]}`);
      writeFileSync(join(folder, 'config.yaml'), config);
      const env: Record<string, string> = { PATH: process.env.PATH ?? '', TEMPLATES: './templates' };
      for (const [name, value] of Object.entries({ ...SECRETS, JOURNAL: `${folder}/data/relay.db` })) {
        writeFileSync(join(folder, 'secrets', name), `${value}\n`);
        env[`${name}_FILE`] = join(folder, 'secrets', name);
      }
      const user = ['--reuid', `${UID}`, '--regid', `${UID}`, '--clear-groups', '--no-new-privs'];
      const program = [process.execPath, join(folder, 'dist/cli.js'), 'serve', '--config', join(folder, 'config.yaml')];
      const child = spawn('setpriv', [...user, ...program], { env, stdio: 'ignore' });
      try {
        const ended = once(child, 'exit');
        await until(
          () =>
            fetch(`http://127.0.0.1:${ports[3000]}/healthz`).then(
              ({ ok }) => ok || undefined,
              () => undefined,
            ),
          20_000,
        );
        expect(existsSync(join(folder, 'data/relay.db'))).toBe(true);
        child.kill('SIGTERM');
        expect(await ended).toEqual([0, null]);
      } finally {
        child.kill('SIGKILL');
      }
    },
  );
});

describe('compose.yaml', () => {
  const { services, secrets } = parse(readFileSync(join(CONTAINER, 'compose.yaml'), 'utf8'), { merge: true });
  const relays: Record<string, Record<string, unknown>> = {};
  for (const name of ['relay', 'relay-a', 'relay-b']) relays[name] = services[name];

  it.each(Object.entries(relays))('%s has no rights that it does not need, and time to stop', (_, relay) => {
    expect(relay).toMatchObject({
      user: `${UID}:${UID}`,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      stop_grace_period: '25s',
    });
    const { environment, secrets: given } = relay as { environment: Record<string, string>; secrets: string[] };
    const files = Object.values(environment).map((path) => path.replace('/run/secrets/', ''));
    expect(files.toSorted()).toEqual(given.toSorted());
    expect(given.filter((name) => !(name in secrets))).toEqual([]);
  });

  it('mounts files that are there', () => {
    const mounts = Object.values<{ volumes?: string[] }>(services).flatMap(({ volumes = [] }) => volumes);
    const own = mounts.filter((mount) => mount.startsWith('./')).map((mount) => mount.split(':')[0] ?? '');
    expect(own.length).toBeGreaterThan(3);
    expect(own.filter((path) => !existsSync(join(CONTAINER, path)))).toEqual([]);
  });
});

const MODELS: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  Deployment,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  Secret,
  Service,
};

describe('the Kubernetes manifests', () => {
  const files = globSync('kubernetes/*.yaml', { cwd: CONTAINER });
  const documents = files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(CONTAINER, file), 'utf8')).map((document) => document.toJS()),
  );

  it.each(documents.map((document) => [`${document.kind} ${document.metadata.name}`, document] as const))(
    '%s is what Kubernetes takes',
    (_, document) => {
      const Model = MODELS[document.kind];
      if (Model === undefined) throw new Error(`no model for ${document.kind}`);
      expect(() => new Model(document as never).validate()).not.toThrow();
    },
  );

  it('are all named by the kustomization, but for the example of a Secret', () => {
    const { resources } = parse(readFileSync(join(CONTAINER, 'kustomization.yaml'), 'utf8'));
    expect(resources.toSorted()).toEqual(files.filter((file) => !file.includes('secret')).toSorted());
  });

  it('run the image as its user, on a file system that cannot be written to', () => {
    const { template } = documents.find(({ kind }) => kind === 'Deployment').spec;
    expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: UID });
    expect(template.spec.containers[0].securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
    });
  });
});
