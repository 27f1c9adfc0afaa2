import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { appManifest, manifestYaml, SCOPES } from '../../src/doctor/manifest.ts';

test('the YAML is the manifest, with a reason beside every scope', () => {
  const printed = manifestYaml({ name: 'Phones & actions: "relay"' });
  expect(parse(printed)).toEqual(appManifest({ name: 'Phones & actions: "relay"' }));
  for (const { scope, optional, use } of SCOPES) {
    expect(printed).toContain(`- ${scope} # ${optional ? 'optional: ' : ''}${use}\n`);
  }
});

test('it asks for what the relay uses, and for no events', () => {
  const manifest = appManifest();
  expect(manifest.oauth_config.scopes.bot).toEqual([
    ...[
      'chat:write',
      'im:write',
      'users:read',
      'users:read.email',
      'chat:write.public',
      'reactions:write',
      'pins:write',
      'usergroups:read',
    ],
    ...['channels:history', 'groups:history', 'im:history', 'channels:read', 'groups:read'],
  ]);
  expect(SCOPES.filter(({ optional }) => !optional).map(({ scope }) => scope)).toEqual([
    ...['chat:write', 'im:write', 'users:read', 'users:read.email'],
  ]);
  expect(manifest.settings.socket_mode_enabled).toBe(false);
  expect(manifest.settings).not.toHaveProperty('event_subscriptions');
  expect(manifest.features.app_home.messages_tab_enabled).toBe(true);
});

test.each(['', '   ', 'x'.repeat(36)])('a name Slack would refuse: %j', (name) => {
  expect(() => appManifest({ name })).toThrow(/1 to 35 characters/);
});
