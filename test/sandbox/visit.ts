import { onTestFinished } from 'vitest';
import { createSampleEvents } from '../../src/commands/sample-events.ts';
import type { SandboxOptions } from '../../src/sandbox/server.ts';
import type { OpenedPage, OpenPage } from '../helpers/browser.ts';
import { BUILT_PAGES } from '../helpers/built-pages.ts';
import { type Service, startService } from '../helpers/service.ts';

const ROUTES = `
routes:
  - { on: "action_*", unmatched: true, card: { channel: "#alo", template: action_card } }
`;

interface Visit extends OpenedPage {
  readonly service: Service;
}

interface VisitOptions {
  readonly routes?: string;
  readonly sandbox?: Partial<SandboxOptions>;
  readonly width?: number;
  /** With the buttons that send, as `serve --sandbox` gives them. */
  readonly buttons?: boolean;
  /** Done before the page is opened. */
  readonly before?: (service: Service) => Promise<void>;
}

/** A function that opens the page of a real service and its sandbox. */
export function visits(openPage: OpenPage): (options?: VisitOptions) => Promise<Visit> {
  return async ({ routes = ROUTES, sandbox = {}, buttons = false, before, ...rest } = {}) => {
    const service = await startService(routes, { staticDir: BUILT_PAGES, ...sandbox });
    onTestFinished(() => service.stop());
    if (buttons) service.sandbox.attach(sampleEventsFor(service));
    await before?.(service);
    const opened = await openPage({ origin: service.sandbox.url, reducedMotion: 'reduce', ...rest });
    await opened.page.goto(service.sandbox.url);
    return { ...opened, service };
  };
}

function sampleEventsFor({ app, config, url }: Service) {
  const admin = app.adminAddress();
  return createSampleEvents({
    sources: config.sources,
    url,
    admin: admin === null ? null : { ...config.admin, port: admin.port },
    chapterPauseMs: 0,
  });
}
