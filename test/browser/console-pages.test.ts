import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { axeFindings } from '../support/browser/axe.ts';
import { consoleVisitor, logInToConsole, newAdmin } from '../support/browser/console-visitor.ts';
import { useTestPages, type Visitor } from '../support/browser/use-pages.ts';
import { noViolations } from '../support/browser/watch-page.ts';
import { imageUploads, picture } from '../support/shop/image-uploads.ts';

/** Rules that axe-core checks on any page of this size. */
const RULES_MIN = 15;

describe('the pages of the console', () => {
  const pages = useTestPages();
  let views: Readonly<Record<string, string>>;

  before(async () => {
    const { admin, shop, app } = pages;
    const productId = await admin.newProduct({ name: 'Pictured', price: 9000, stock: 40, purchaseLimit: 9 });
    const uploads = imageUploads(shop, admin, productId);
    const { imageId } = await uploads.upload(await picture('png', { width: 1300, height: 1300 }));
    await uploads.untilStatus(imageId, 'READY');
    const coupon = await admin.post('/admin/coupons', {
      name: 'Tenth',
      discount: { kind: 'PERCENT', percent: 10, max: 1000 },
      quantity: 9,
      validFrom: '2020-01-01T00:00:00Z',
      validUntil: '2099-01-01T00:00:00Z',
    });
    const { credentials, userId } = await pages.customer(100_000);
    const customer = await shop.client(app).logIn(credentials);
    const orderId = (await customer.postOrder([{ productId, quantity: 2 }])).body.id as string;
    await customer.post(`/orders/${orderId}/cancel`, {}, { key: 'c' });
    views = {
      overview: '/console/',
      orders: '/console/orders',
      'no such order': '/console/orders?email=nobody@example.com',
      order: `/console/orders/${orderId}`,
      customers: '/console/customers',
      customer: `/console/customers/${userId}`,
      products: '/console/products',
      'new product': '/console/products/new',
      product: `/console/products/${productId}`,
      'missing product': '/console/products/0199aaaa-0000-7000-8000-000000000000',
      coupons: '/console/coupons',
      'new coupon': '/console/coupons/new',
      coupon: `/console/coupons/${coupon.body.id}`,
      'sale rooms': '/console/sale-room',
      'sale room': `/console/sale-room/${productId}`,
      events: '/console/events',
      audit: '/console/audit',
      operators: '/console/operators',
      runbook: '/console/runbook/dead-letters',
      join: '/console/join#token',
      'missing page': '/console/nowhere',
    };
  });

  // Colours depend on the scheme, names on the language: two pairs see all of both.
  for (const { colorScheme, locale } of [
    { colorScheme: 'light', locale: 'en-GB' },
    { colorScheme: 'dark', locale: 'ko-KR' },
  ] as const) {
    it(`have no finding of axe-core (${colorScheme}, ${locale})`, async () => {
      const stranger = await pages.visitor({ colorScheme, locale, reducedMotion: 'reduce' });
      const findings = await findingsOf(stranger, { 'log-in': '/console/' });
      const visitor = await consoleVisitor(pages, { colorScheme, locale, reducedMotion: 'reduce' });
      findings.push(...(await findingsOf(visitor, views)));
      expect(findings).to.deep.equal([]);
      expect(visitor.violations).to.deep.equal(noViolations);
    });
  }

  async function findingsOf(visitor: Visitor, shown: Readonly<Record<string, string>>): Promise<string[]> {
    const findings: string[] = [];
    for (const [name, path] of Object.entries(shown)) {
      await visitor.open(path);
      await settled(visitor.page);
      const result = await axeFindings(visitor.page);
      expect(result.passed, name).to.be.above(RULES_MIN);
      findings.push(...result.findings.map((text) => `${name}: ${text}`));
    }
    return findings;
  }

  /** Waits until nothing on the page waits for data. */
  async function settled(page: Page): Promise<void> {
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  }

  it('do not scroll sideways at 360 and 768 pixels', async () => {
    const wide: string[] = [];
    const visitor = await consoleVisitor(pages);
    for (const width of [360, 768]) {
      await visitor.page.setViewportSize({ width, height: 740 });
      for (const [name, path] of Object.entries(views)) {
        await visitor.open(path);
        await settled(visitor.page);
        const over = Number(await visitor.page.evaluate('document.documentElement.scrollWidth - innerWidth'));
        if (over > 0) wide.push(`${name} at ${width}: ${over} px`);
      }
    }
    expect(wide).to.deep.equal([]);
  });

  it('tell a customer plainly that they are for admins, and let an admin log in instead', async () => {
    const visitor = await pages.visitor();
    const { page, violations } = visitor;
    const { credentials } = await pages.customer(0);
    await logInToConsole(visitor, credentials);
    await page.getByRole('heading', { name: 'This account cannot use the console' }).waitFor();
    await page.getByText(`You are logged in as ${credentials.email}, a customer.`).waitFor();
    await page.getByRole('button', { name: 'Log in with another account' }).click();
    await page.locator('[name=password]').waitFor();
    await logInToConsole(visitor, await newAdmin(pages));
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.locator('[name=password]').waitFor();
    await page.reload();
    await page.locator('[name=password]').waitFor();
    expect(violations).to.deep.equal(noViolations);
  });

  it('offer a viewer nothing that the API would refuse', async () => {
    const { page, open } = await consoleVisitor(pages, { role: 'viewer' });
    for (const name of ['product', 'coupon', 'order', 'customer', 'sale room', 'products', 'coupons']) {
      await open(views[name] ?? '');
      await settled(page);
      const offered = await page.locator('main form [type=submit], main .danger, main .drop').count();
      expect(offered, name).to.equal(0);
    }
    for (const path of ['products/new', 'coupons/new']) {
      await open(`/console/${path}`);
      await page.getByText('There is no such page').waitFor();
    }
    await open('/console/operators');
    await page.getByText('Owners see who may log in, and invite others.').waitFor();
  });

  it('go on after a session has ended where it ended', async () => {
    const visitor = await pages.visitor();
    const credentials = await newAdmin(pages);
    await logInToConsole(visitor, credentials);
    await visitor.page.getByRole('heading', { name: 'Overview' }).waitFor();
    await visitor.open(views['product'] ?? '');
    const elsewhere = await pages.shop.client(pages.app).logIn(credentials);
    await elsewhere.post('/auth/logout-everywhere');
    // The page notices by itself, because it asks for new figures; a click would race with that.
    await visitor.page.getByText('Your session has ended.').waitFor();
    await visitor.page.fill('[name=email]', credentials.email);
    await visitor.page.fill('[name=password]', credentials.password);
    await visitor.page.click('main [type=submit]');
    await visitor.page.getByRole('heading', { name: 'Pictured' }).waitFor();
  });

  it('say of when the figures are while newer ones cannot be read, and go on by themselves', async () => {
    const { page, open } = await consoleVisitor(pages);
    await open('/console/');
    await page.getByText('all dependencies up').waitFor();
    await page.route('**/admin/overview', (route) => route.fulfill({ status: 503, body: '{}' }));
    await page.getByText(/^This is from \d\d:\d\d:\d\d\. Refreshing failed/).waitFor();
    await page.getByText('all dependencies up').waitFor();
    await page.unroute('**/admin/overview');
    await page.getByText(/^This is from/).waitFor({ state: 'detached' });
  });

  it('say that the shop does not answer where there are no figures yet', async () => {
    const { page, open } = await consoleVisitor(pages);
    await page.route('**/admin/orders?*', (route) => route.fulfill({ status: 503, body: '{}' }));
    await open('/console/orders');
    await page.getByText('The shop does not answer').waitFor();
    await page.unroute('**/admin/orders?*');
    await page.getByRole('link', { name: /^Pictured × 2/ }).waitFor();
  });

  it('load the chart only where one is shown', async () => {
    const { page, open } = await consoleVisitor(pages);
    const scripts: Promise<string>[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(response.text());
    });
    // Class names of uPlot, which no minifier changes.
    const withChart = async () =>
      (await Promise.all(scripts)).filter((text) => text.includes('u-over')).length;
    await open('/console/products');
    await page.getByRole('link', { name: 'Pictured' }).waitFor();
    expect(scripts.length).to.be.above(0);
    expect(await withChart()).to.equal(0);
    await open('/console/');
    await page.locator('.plot canvas').waitFor();
    expect(await withChart()).to.equal(1);
  });

  it('can be used with the keyboard alone, from the log-in to a changed stock', async () => {
    const credentials = await newAdmin(pages, 'operator');
    const { page, open } = await pages.visitor();
    await open('/console/');
    await tabTo(page, 'email');
    await page.keyboard.type(credentials.email);
    await tabTo(page, 'password');
    await page.keyboard.type(credentials.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await tabTo(page, 'Products');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Pictured' }).waitFor();
    await tabTo(page, 'Pictured');
    await page.keyboard.press('Enter');
    await page.locator('[name=delta]').waitFor();
    await tabTo(page, 'delta');
    await page.keyboard.type('5');
    await tabTo(page, 'reason');
    await page.keyboard.type('found in the back');
    await tabTo(page, 'Add 5 units');
    await page.keyboard.press('Enter');
    await page.getByText(/Stock was \d+, is \d+\./).waitFor();
  });

  const TABS_MAX = 120;

  /** Presses Tab until the focused element has this name or text. */
  async function tabTo(page: Page, wanted: string): Promise<void> {
    for (let presses = 0; presses < TABS_MAX; presses += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(
        '(document.activeElement?.getAttribute("name") || document.activeElement?.textContent || "").trim()',
      );
      if (focused === wanted) return;
    }
    throw new Error(`Tab does not reach ${wanted}`);
  }
});
