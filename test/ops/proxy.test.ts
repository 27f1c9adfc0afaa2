/** The shipped examples of Caddy and nginx before the real program: TLS, HTTP/2, a path prefix. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { freePort } from '../helpers/free-port.ts';
import { type Home, makeHome } from '../helpers/home.ts';
import { sign } from '../helpers/sign.ts';
import { until } from '../helpers/until.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../ops/proxy');
const installed = (program: string) => spawnSync(program, ['-v']).error === undefined;

let home: Home;
let webhooks: number;
let admin: number;
let tls: number;
let proxy: ReturnType<typeof spawn> | null = null;

beforeEach(async () => {
  home = await makeHome();
  [webhooks, admin, tls] = [await freePort(), await freePort(), await freePort()];
});

afterEach(async () => {
  proxy?.kill('SIGKILL');
  proxy = null;
  await home.remove();
});

/** The example, for addresses of this test. */
function example(file: string, changes: readonly (readonly [from: string | RegExp, to: string])[]): string {
  let text = readFileSync(join(EXAMPLES, file), 'utf8');
  for (const [from, to] of [
    ['127.0.0.1:3000', `127.0.0.1:${webhooks}`],
    ['127.0.0.1:3001', `127.0.0.1:${admin}`],
    ...changes,
  ] as const) {
    const changed = text.replaceAll(from, to);
    expect(changed, `${file} has ${from}`).not.toBe(text);
    text = changed;
  }
  return text;
}

function certificate(): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(home.cwd, 'cert.pem'), join(home.cwd, 'key.pem')];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', key, '-out', cert, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...name, ...files], { stdio: 'ignore' });
  return { cert, key };
}

/** `dead`: a port on which nothing listens, as the first instance. */
function startCaddy(dead?: number): void {
  const { cert, key } = certificate();
  const site = example('Caddyfile', [['relay.example.com {', `localhost:${tls} {\n\ttls ${cert} ${key}`]]);
  const own = `127.0.0.1:${webhooks}`;
  const several = dead === undefined ? site : site.replace(own, `127.0.0.1:${dead} ${own}`);
  writeFileSync(join(home.cwd, 'Caddyfile'), `{\n\tadmin off\n\tauto_https off\n}\n${several}`);
  const args = ['run', '--config', join(home.cwd, 'Caddyfile')];
  proxy = spawn('caddy', args, { stdio: 'ignore', env: { ...process.env, HOME: home.cwd, XDG_DATA_HOME: home.cwd } });
}

function startNginx(dead?: number): void {
  const { cert, key } = certificate();
  const server = example('nginx.conf', [
    ['listen 443', `listen ${tls}`],
    ['/etc/ssl/relay.example.com.pem', cert],
    ['/etc/ssl/relay.example.com.key', key],
    ['server_name relay.example.com', 'server_name localhost'],
    ...(dead === undefined
      ? []
      : ([['upstream alo_relay {', `upstream alo_relay {\nserver 127.0.0.1:${dead};`]] as const)),
  ]);
  mkdirSync(join(home.cwd, 'nginx'));
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${home.cwd}/nginx/${kind};`,
  );
  const http = `http {\naccess_log off;\n${own.join('\n')}\n${server}\n}`;
  const text = `daemon off;\npid ${home.cwd}/nginx/pid;\nerror_log stderr warn;\nevents {}\n${http}\n`;
  writeFileSync(join(home.cwd, 'nginx.conf'), text);
  proxy = spawn('nginx', ['-p', home.cwd, '-c', join(home.cwd, 'nginx.conf')], { stdio: 'ignore' });
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One request by HTTP/2. `until`: what ends a stream. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  { body, first }: { body?: string; first?: RegExp } = {},
): Promise<Answer> {
  return new Promise((settle, fail) => {
    const session = connect(`https://localhost:${tls}`, { rejectUnauthorized: false });
    session.once('error', fail);
    const request = session.request({ ':method': body === undefined ? 'GET' : 'POST', ':path': path, ...headers });
    let text = '';
    let status = 0;
    const done = () => {
      session.destroy();
      settle({ status, text });
    };
    request.on('response', (head) => {
      status = head[':status'] ?? 0;
    });
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (first?.test(text) === true) done();
    });
    request.once('end', done).once('error', fail);
    request.end(body);
  });
}

describe.each([
  ['caddy', startCaddy],
  ['nginx', startNginx],
] as const)('%s', (program, startProxy) => {
  it.skipIf(!installed(program))(
    'turns to a second instance, body and all, where the first does not answer',
    async () => {
      await home.configure({ server: `{ host: 127.0.0.1, port: ${webhooks} }`, admin: `{ port: ${admin} }` });
      await home.serve();
      startProxy(await freePort());
      const post = (n: number) => {
        const body = JSON.stringify({ topic: 'x', data: { n } });
        const message = { body, messageId: `msg_${n}`, nowMs: Date.now() };
        return ask('/relay/webhooks/allo', sign({ type: 'allo', secret: new Secret(home.secret), ...message }), {
          body,
        });
      };
      const isUp = () =>
        ask('/elsewhere').then(
          ({ status }) => status === 404 || undefined,
          () => undefined,
        );
      await until(isUp, 20_000);
      for (const n of [1, 2, 3]) expect(await post(n)).toMatchObject({ status: 200, text: '{}' });
      await until(() => (home.messages().length === 3 ? true : undefined));
    },
  );

  it.skipIf(!installed(program))('relays webhooks and shows the dashboard below a path', async () => {
    const token = 'a-token-that-is-long-enough';
    await home.configure({
      server: `{ host: 127.0.0.1, port: ${webhooks} }`,
      admin: `{ port: ${admin}, token: ${token} }`,
    });
    const { program: service } = await home.serve();
    startProxy();
    const isUp = () =>
      ask('/relay/admin/').then(
        ({ status }) => status === 200 || undefined,
        () => undefined,
      );
    await until(isUp, 20_000);

    const body = JSON.stringify({ topic: 'x', data: { n: 1 } });
    const signed = sign({ type: 'allo', secret: new Secret(home.secret), body, messageId: 'msg_1', nowMs: Date.now() });
    expect(await ask('/relay/webhooks/allo', signed, { body })).toMatchObject({ status: 200, text: '{}' });
    await until(() => (home.messages().includes('a 1') ? true : undefined));

    // Who was refused is told by the proxy's header.
    expect((await ask('/relay/webhooks/allo', { ...signed, 'webhook-id': 'other' }, { body })).status).toBe(401);
    await service.printed(/("client":"(127\.0\.0\.1|::1)")/);

    const page = await ask('/relay/admin/');
    expect(page.text).toContain('<title>');
    const assets = [...page.text.matchAll(/(?:src|href)="(\.\/assets\/[^"]+)"/g)].map(([, path = '']) => path.slice(2));
    expect(assets.length).toBeGreaterThan(1);
    for (const asset of assets) expect((await ask(`/relay/admin/${asset}`)).status).toBe(200);
    const authorization = `Bearer ${token}`;
    expect((await ask('/relay/admin/api/overview')).status).toBe(401);
    expect((await ask('/relay/admin/api/overview', { authorization })).status).toBe(200);
    const live = await ask('/relay/admin/api/live', { authorization }, { first: /\n\n/ });
    expect(live.status).toBe(200);
    expect((await ask('/elsewhere')).status).toBe(404);
  });
});
