import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { Secret } from '../../src/core/secret.ts';
import { parseDatabaseUrl } from '../../src/journal/database-url.ts';

const good = (written: string) => {
  const parsed = parseDatabaseUrl(written);
  if (!parsed.ok) throw new Error(parsed.fault.message);
  return parsed.value;
};
/** What pg would connect to. */
const readByPg = (url: Secret) => {
  const { user, password, host, port, database } = new pg.Client({ connectionString: url.reveal() });
  return { user, password, host, port, database };
};
const faultOf = (written: string) => {
  const parsed = parseDatabaseUrl(written);
  return parsed.ok ? null : `${parsed.fault.message} ${parsed.fault.remedy}`;
};

describe('the address of a database', () => {
  it.each<[written: string, place: string, host: string, port: number]>([
    ['postgres://relay:pw@db.example.com/relay', 'postgres://db.example.com/relay', 'db.example.com', 5432],
    ['postgresql://relay:pw@DB:5432/relay', 'postgres://db/relay', 'db', 5432],
    ['  postgres://relay:pw@db:6432/relay\n', 'postgres://db:6432/relay', 'db', 6432],
    ['postgres://relay:pw@[::1]:6432/relay', 'postgres://[::1]:6432/relay', '::1', 6432],
    ['postgres://relay:pw@my_db-1/relay', 'postgres://my_db-1/relay', 'my_db-1', 5432],
    ['postgres://relay:pw@%2Frun%2Fpg/relay', 'postgres://%2Frun%2Fpg/relay', '/run/pg', 5432],
    ['postgres://relay:pw@/relay?host=/run/pg', 'postgres://%2Frun%2Fpg/relay', '/run/pg', 5432],
  ])('%j: its place, and what pg reads in it', (written, place, host, port) => {
    const { url, ...rest } = good(written);
    expect(rest).toEqual({ place, tls: null });
    expect(readByPg(url)).toEqual({ user: 'relay', password: 'pw', database: 'relay', host, port });
  });

  it('passes on user, password and database whatever they are, and shows none but the database', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => text.isWellFormed());
    const name = word.filter((text) => !/^\.{1,2}$|[/?#]/.test(text));
    fc.assert(
      fc.property(word, word, name, (user, password, database) => {
        const [u, p, d] = [user, password, database].map(encodeURIComponent);
        const { url, place } = good(`postgres://${u}:${p}@db.example.com/${d}`);
        expect(readByPg(url)).toMatchObject({ user, password, database, host: 'db.example.com' });
        expect(place).toBe(`postgres://db.example.com/${encodeURI(database)}`);
      }),
    );
  });

  it('a bare @ or : in a password needs no encoding, as libpq has it', () => {
    expect(readByPg(good('postgres://relay:p@s:s@db/relay').url)).toMatchObject({
      password: 'p@s:s',
      host: 'db',
    });
  });

  it.each([
    'postgres://relay:se/cret@db/relay',
    'postgres://relay:12/cret@db/relay',
    'postgres://relay:12/cret@db',
    'postgres://relay:12/x?options=cret@db',
    'postgres://relay:12?cret=3@db/relay',
    'postgres://relay:12/db?cret@db/relay',
    'postgres://relay:12#cret@db/relay',
    'postgres://relay:12%cret@db/relay',
    'postgres://relay:12%fFcret@db/relay',
    'postgres://relay:12 cret@db/relay',
    'postgres://relay:cret/relay',
    'postgres://relay:12/cret?cret=cret',
    'postgres://relay:cret@db',
    'postgres://relay:cret@db/',
    'postgres://relay:cret@/relay',
    'postgres://relay:cret@db:99999/relay',
    'postgres://relay:cret@a,b/relay',
    'postgres://relay:cret@db/a/b',
    'postgres://relay:cret@db/..',
    'postgres:relay:cret@db/relay',
    'mysql://relay:cret@db/relay',
    'postgres://relay@db/relay?password=cret',
    'postgres://relay@db/relay?toString=cret',
    'postgres://relay@db/relay?sslmode=cret',
  ])('%j is refused, and nothing of it told', (written) => {
    expect(faultOf(written)).toMatch(/\. .+\.$/);
    expect(faultOf(written)).not.toContain('cret');
  });

  it('says nothing about TLS to pg, which would do otherwise', () => {
    const { url, tls } = good(
      'postgres://relay:pw@db/relay?sslmode=verify-ca&sslrootcert=ca.pem&application_name=a%20b&uselibpqcompat=true',
    );
    expect(tls).toEqual({ mode: 'verify-ca', ca: 'ca.pem', cert: null, key: null });
    expect(url.reveal()).toBe('postgres://relay:pw@db/relay?application_name=a%20b');
  });
});

describe('sslmode', () => {
  it.each([
    ['sslmode=disable', 'disable'],
    ['sslmode=require', 'require'],
    ['sslmode=no-verify', 'no-verify'],
    ['sslmode=verify-full', 'verify-full'],
    ['sslmode=verify-full&sslrootcert=system', 'verify-full'],
    ['sslmode=prefer', 'leaves open'],
    ['sslmode=allow', 'leaves open'],
    ['sslmode=verify-ca', 'would take any server'],
    ['sslmode=require&sslrootcert=system', 'would take any server'],
    ['sslrootcert=ca.pem', 'no sslmode'],
    ['sslmode=', 'no such sslmode'],
    ['ssl=true', 'Write sslmode=verify-full'],
    ['sslmode=require&channel_binding=require', 'channel_binding'],
  ])('%s: %s', (query, expected) => {
    const parsed = parseDatabaseUrl(`postgres://relay@db/relay?${query}`);
    if (parsed.ok) expect(parsed.value.tls?.mode).toBe(expected);
    else expect(`${parsed.fault.message} ${parsed.fault.remedy}`).toContain(expected);
  });
});
