import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type OtlpSettings, traceSettings } from '../../src/telemetry/trace-settings.ts';

const CONFIGURED: OtlpSettings = {
  endpoint: 'http://collector:4318/',
  headers: new Map([['authorization', new Secret('Bearer x')]]),
};
const BASE = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://base:4318/otlp' };
const ALL = { ratio: 1, parentBased: true };

function settings(otlp: OtlpSettings | null, variables: Record<string, string>) {
  const complaints: string[] = [];
  return { found: traceSettings(otlp, variables, (name) => complaints.push(name)), complaints };
}

describe('where traces go', () => {
  it.each<[string, OtlpSettings | null, Record<string, string>, string | undefined]>([
    ['nowhere by default', null, {}, undefined],
    ['an empty variable is not set', null, { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, undefined],
    ['to the config’s collector', CONFIGURED, {}, 'http://collector:4318/v1/traces'],
    ['the config comes before the environment', CONFIGURED, BASE, 'http://collector:4318/v1/traces'],
    ['under the address of the environment', null, BASE, 'https://base:4318/otlp/v1/traces'],
    [
      'to the very address for traces',
      null,
      { ...BASE, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318/in' },
      'http://traces:4318/in',
    ],
    ['not where the SDK is switched off', CONFIGURED, { OTEL_SDK_DISABLED: 'TRUE' }, undefined],
    ['not where there is no exporter', null, { ...BASE, OTEL_TRACES_EXPORTER: 'none' }, undefined],
  ])('%s', (_, otlp, variables, url) => {
    const { found, complaints } = settings(otlp, variables);
    expect(found?.url).toBe(url);
    expect(complaints).toEqual([]);
  });

  it('says who it is', () => {
    expect(settings(CONFIGURED, {}).found).toMatchObject({ serviceName: 'alo-relay', headers: CONFIGURED.headers });
    expect(settings(null, { ...BASE, OTEL_SERVICE_NAME: 'relay-eu' }).found?.serviceName).toBe('relay-eu');
  });
});

describe('which traces', () => {
  it.each<[Record<string, string>, object]>([
    [{}, ALL],
    [{ OTEL_TRACES_SAMPLER_ARG: '0.25' }, { ratio: 0.25, parentBased: true }],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
      { ratio: 0, parentBased: true },
    ],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
      { ratio: 0.5, parentBased: false },
    ],
    [
      { OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: '0.5' },
      { ratio: 1, parentBased: false },
    ],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, { ratio: 0, parentBased: false }],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, { ratio: 0, parentBased: true }],
  ])('%j', (variables, sampling) => {
    const { found, complaints } = settings(null, { ...BASE, ...variables });
    expect(found?.sampling).toEqual(sampling);
    expect(complaints).toEqual([]);
  });

  it.each<[Record<string, string>, string]>([
    [{ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG'],
    [{ OTEL_TRACES_SAMPLER_ARG: 'half' }, 'OTEL_TRACES_SAMPLER_ARG'],
    [{ OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 'OTEL_TRACES_SAMPLER'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
  ])('what cannot be used is told, and counts as not set: %j', (variables, named) => {
    const { found, complaints } = settings(null, { ...BASE, ...variables });
    expect(found).toMatchObject({ url: 'https://base:4318/otlp/v1/traces', sampling: ALL });
    expect(complaints).toEqual([named]);
  });
});
