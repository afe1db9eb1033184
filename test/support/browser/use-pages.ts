import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from '../../../localstack/browser/open-browser.ts';
import { buildPages } from '../../../scripts/pages/build-pages.ts';
import { shopPaths } from '../../../scripts/shop/shop-paths.ts';
import { type AdminClient, adminClient } from '../shop/admin-client.ts';
import type { AppProcess } from '../shop/app-process.ts';
import type { Credentials } from '../shop/http-client.ts';
import { type TestShop, useTestShop } from '../shop/test-shop.ts';
import { onThisMachine } from '../on-this-machine.ts';
import { skipWithout } from '../skip-without.ts';
import { type Violations, watchPage } from './watch-page.ts';

export interface TestPages {
  readonly shop: TestShop;
  readonly app: AppProcess;
  readonly admin: AdminClient;
  /** A browser of one visitor, closed after the test. English and light unless the options differ. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>;
  /** A new customer with a balance. */
  customer(balance: number): Promise<{ readonly credentials: Credentials; readonly userId: string }>;
}

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the pages of this visitor did that they must not; each test of a page expects none. */
  readonly violations: Violations;
  /** Opens an address of the app. */
  open(path: string): Promise<void>;
  logIn(credentials: Credentials): Promise<void>;
}

const top = join(import.meta.dirname, '../../..');
const ACTION_TIMEOUT_MS = 15_000;

/** A shop with its pages and Chromium for the tests of one `describe`; skips them where there is none. */
export function useTestPages(): TestPages {
  const shop = useTestShop();
  const contexts: BrowserContext[] = [];
  let directory: string | undefined;
  let browser: Browser | undefined;
  let app: AppProcess;
  let admin: AdminClient;

  before('open Chromium and build the pages', async function () {
    try {
      browser = await openBrowser({ cacheDir: shopPaths.cache, log: () => undefined });
    } catch (error) {
      skipWithout(error instanceof Error ? error.message : 'Chromium', this);
    }
    directory = mkdtempSync(join(tmpdir(), 'rowlock-pages-'));
    await buildPages({ top, directory });
    app = await shop.start(['api', 'worker', 'data-platform'], {
      env: { PAGES_DIR: directory, DEMO_SALES: 'true' },
    });
    admin = await adminClient(shop, app);
  });

  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });

  after('close Chromium', async () => {
    await browser?.close();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  });

  return {
    shop,
    get app() {
      return app;
    },
    get admin() {
      return admin;
    },
    async visitor(options = {}) {
      if (browser === undefined) throw new Error('the browser is there inside tests and hooks only');
      const context = await browser.newContext({ locale: 'en-GB', colorScheme: 'light', ...options });
      contexts.push(context);
      context.setDefaultTimeout(onThisMachine(ACTION_TIMEOUT_MS));
      const page = await context.newPage();
      const origins = [app.url, new URL(shop.env['IMAGES_BASE_URL'] ?? app.url).origin];
      return {
        context,
        page,
        violations: watchPage(page, origins),
        open: async (path) => {
          await page.goto(`${app.url}${path}`);
          await page.waitForSelector('main h1', { state: 'attached' });
        },
        async logIn({ email, password }) {
          if (!page.url().includes('/log-in')) await page.goto(`${app.url}/shop/log-in`);
          await page.fill('[name=email]', email);
          await page.fill('[name=password]', password);
          await page.click('main [type=submit]');
          await page.waitForURL(({ pathname }) => !pathname.endsWith('/log-in'));
        },
      };
    },
    async customer(balance) {
      const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
      const client = shop.client(app);
      const { id } = await client.signUp(credentials);
      const session = await client.logIn(credentials);
      if (balance > 0) await session.charge(balance);
      return { credentials, userId: id };
    },
  };
}
