import { mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { openBrowser } from '../../localstack/browser/open-browser.ts';
import { demoAccounts } from '../seed/demo-accounts.ts';
import { shopPaths } from '../shop/shop-paths.ts';
import { runCommand, UsageError } from '../run-command.ts';
import { findViews, type View, type Viewer } from './find-views.ts';

type Session = Exclude<BrowserContextOptions['storageState'], string | undefined>;

const widths = [360, 768, 1440];
const HEIGHT = 900;
const themes = ['light', 'dark'] as const;
const languages = ['ko-KR', 'en-GB'] as const;
/** A busy machine hashes the password slowly. */
const LOG_IN_MAX_MS = 120_000;

const usage = `usage: npm run screenshots -- URL [FOLDER] [--only=PART]

Takes pictures of the running shop's pages at three widths, in both themes and both languages: the shop's as a
guest and as the demo customer, the console's as the demo admin. By default into .local/screenshots.
`;

await runCommand(
  'screenshots',
  async () => {
    const {
      values: { only },
      positionals,
    } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
    const [url, folder = join(shopPaths.local, 'screenshots')] = positionals;
    if (url === undefined)
      throw new UsageError('usage is `npm run screenshots -- URL [FOLDER] [--only=PART]`');
    const directory = resolve(folder);
    mkdirSync(directory, { recursive: true });
    const browser = await openBrowser({ cacheDir: shopPaths.cache, log: console.log });
    try {
      const views = await findViews(url);
      const sessions: Readonly<Record<Viewer, Session | undefined>> = {
        guest: undefined,
        customer: await logIn(browser, new URL('/shop/log-in', url), demoAccounts.customer),
        admin: await logIn(browser, new URL('/console/', url), demoAccounts.admin),
      };
      for (const locale of languages)
        for (const colorScheme of themes)
          for (const width of widths) {
            const setting = `${locale.slice(0, 2)}-${colorScheme}-${width}`;
            const shown = views.filter(
              ({ name }) => only === undefined || `${name}-${setting}`.includes(only),
            );
            for (const [viewer, session] of Object.entries(sessions)) {
              const own = shown.filter((view) => view.viewer === viewer);
              if (own.length === 0) continue;
              const context = await browser.newContext({
                locale,
                colorScheme,
                viewport: { width, height: HEIGHT },
                reducedMotion: 'reduce',
                ...(session === undefined ? {} : { storageState: session }),
              });
              const page = await context.newPage();
              for (const view of own)
                await takePicture(page, {
                  shop: url,
                  view,
                  file: join(directory, `${view.name}-${setting}.png`),
                });
              await context.close();
            }
          }
      console.log(`pictures in ${directory}`);
    } finally {
      await browser.close();
    }
    return 0;
  },
  usage,
);

async function takePicture(
  page: Awaited<ReturnType<Browser['newPage']>>,
  { shop, view, file }: { readonly shop: string; readonly view: View; readonly file: string },
): Promise<void> {
  await page.goto(new URL(view.path, shop).href);
  await page.waitForSelector('main h1', { state: 'attached' });
  await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined);
  await view.prepare?.(page);
  await page.screenshot({ path: file, fullPage: view.isWhole });
  const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  if (typeof overflow === 'number' && overflow > 0)
    console.log(`${basename(file, '.png')}: scrolls ${overflow} px sideways`);
}

async function logIn(
  opened: Browser,
  page: URL,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<Session> {
  const context = await opened.newContext();
  const tab = await context.newPage();
  await tab.goto(page.href);
  await tab.fill('[name=email]', email);
  await tab.fill('[name=password]', password);
  await tab.click('main [type=submit]');
  await tab.waitForSelector('[name=password]', { state: 'detached', timeout: LOG_IN_MAX_MS });
  const session = await context.storageState();
  await context.close();
  return session;
}
