import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { axeFindings } from '../support/browser/axe.ts';
import { noViolations } from '../support/browser/watch-page.ts';
import { useTestPages, type Visitor } from '../support/browser/use-pages.ts';
import { imageUploads, picture } from '../support/shop/image-uploads.ts';
import type { Credentials } from '../support/shop/http-client.ts';

/** Rules that axe-core checks on any page of this size. */
const RULES_MIN = 15;

/** Runs before the page's own scripts. */
const sumLayoutShifts = `globalThis.shift = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) shift += entry.value; })
    .observe({ type: 'layout-shift', buffered: true });`;

describe('the pages of the shop', () => {
  const pages = useTestPages();
  let productId: string;
  let orderId: string;
  let credentials: Credentials;

  before(async () => {
    const { admin, shop, app } = pages;
    productId = await admin.newProduct({ name: 'Pictured', price: 9000, stock: 40, purchaseLimit: 9 });
    const uploads = imageUploads(shop, admin, productId);
    const { imageId } = await uploads.upload(await picture('png', { width: 1300, height: 1300 }));
    await uploads.untilStatus(imageId, 'READY');
    for (let index = 1; index <= 25; index += 1)
      await admin.newProduct({ name: `Plain ${index}`, price: 1000 * index, stock: index % 5 });
    credentials = (await pages.customer(100_000)).credentials;
    const customer = await shop.client(app).logIn(credentials);
    orderId = (await customer.postOrder([{ productId, quantity: 2 }])).body.id;
    const coupon = { kind: 'PERCENT', percent: 10, max: 1000 };
    const validity = { validFrom: '2020-01-01T00:00:00Z', validUntil: '2099-01-01T00:00:00Z' };
    await admin.post(
      '/admin/coupons',
      { name: 'Tenth', discount: coupon, quantity: 9, ...validity },
      { key: 'c1' },
    );
  });

  const guestViews = (): Record<string, string> => ({
    list: '/shop/',
    'list with filters': '/shop/?q=Plain&sort=price_asc&min=2000&max=9000&stock=yes',
    'empty list': '/shop/?q=nothinglikeit',
    product: `/shop/products/${productId}`,
    'missing product': '/shop/products/0199aaaa-0000-7000-8000-000000000000',
    'missing page': '/shop/nowhere',
    'log-in': '/shop/log-in',
    'sign-up': '/shop/sign-up',
    'orders of a guest': '/shop/orders',
    'cart of a guest': '/shop/cart',
  });
  const ownViews = (): Record<string, string> => ({
    cart: '/shop/cart',
    purchase: `/shop/buy/${productId}?quantity=2`,
    coupons: '/shop/coupons',
    orders: '/shop/orders',
    order: `/shop/orders/${orderId}`,
    balance: '/shop/balance',
    account: '/shop/account',
  });

  // Colours depend on the scheme, names on the language: two pairs see all of both.
  for (const { colorScheme, locale } of [
    { colorScheme: 'light', locale: 'en-GB' },
    { colorScheme: 'dark', locale: 'ko-KR' },
  ] as const) {
    it(`have no finding of axe-core (${colorScheme}, ${locale})`, async () => {
      const visitor = await pages.visitor({ colorScheme, locale, reducedMotion: 'reduce' });
      const findings = await findingsOf(visitor, guestViews());
      await visitor.logIn(credentials);
      findings.push(...(await findingsOf(visitor, ownViews())));
      // The drawer, with a line in it.
      await visitor.open(`/shop/products/${productId}`);
      await visitor.page.locator('.buying button.plain').click();
      await visitor.page.locator('dialog[open] .checkout').waitFor();
      findings.push(...(await axeFindings(visitor.page)).findings.map((text) => `drawer: ${text}`));
      expect(findings).to.deep.equal([]);
      expect(visitor.violations).to.deep.equal(noViolations);
    });
  }

  async function findingsOf(visitor: Visitor, views: Record<string, string>): Promise<string[]> {
    const findings: string[] = [];
    for (const [name, path] of Object.entries(views)) {
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
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  }

  it('do not scroll sideways at 360 pixels', async () => {
    const visitor = await pages.visitor({ viewport: { width: 360, height: 740 } });
    const wide: string[] = [];
    const measure = async (views: Record<string, string>) => {
      for (const [name, path] of Object.entries(views)) {
        await visitor.open(path);
        await settled(visitor.page);
        const over = Number(await visitor.page.evaluate('document.documentElement.scrollWidth - innerWidth'));
        if (over > 0) wide.push(`${name}: ${over} px`);
      }
    };
    // A name may be one long word.
    const long = await pages.admin.newProduct({ name: 'W'.repeat(60), price: 100, stock: 9 });
    const customer = await pages.shop.client(pages.app).logIn(credentials);
    const { body } = await customer.postOrder([{ productId: long, quantity: 1 }]);
    await measure({ ...guestViews(), 'a long name': `/shop/products/${long}` });
    await visitor.logIn(credentials);
    await measure({
      ...ownViews(),
      'its order': `/shop/orders/${body.id}`,
      'its purchase': `/shop/buy/${long}`,
    });
    expect(wide).to.deep.equal([]);
  });

  it('lead to documentation that does not scroll sideways either, with every operation open', async () => {
    const { page } = await pages.visitor({ viewport: { width: 360, height: 740 } });
    await page.goto(`${pages.app.url}/docs`);
    await page.evaluate('document.querySelectorAll("details").forEach((each) => (each.open = true))');
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).to.equal(0);
  });

  it('show pictures in the size that the screen needs, without a layout shift', async () => {
    const { page, open, violations } = await pages.visitor();
    await page.addInitScript(sumLayoutShifts);
    await open('/shop/?q=Pictured');
    const shown = page.getByRole('main').locator('img').first();
    await shown.waitFor();
    await page.waitForLoadState('networkidle');
    const current = String(await page.evaluate("document.querySelector('main img').currentSrc"));
    expect(current).to.include(new URL(pages.shop.env['IMAGES_BASE_URL'] ?? '').origin);
    expect(current).to.match(/\/(200|600)-/);
    for (const name of ['width', 'height', 'srcset', 'sizes'])
      expect(await shown.getAttribute(name), name).to.be.a('string');
    expect(Number(await page.evaluate('shift'))).to.be.below(0.05);
    expect(violations).to.deep.equal(noViolations);
  });

  it('ask for the front page once, while the script loads, and lay it out once', async () => {
    const { page, open } = await pages.visitor({ viewport: { width: 412, height: 823 } });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.addInitScript(sumLayoutShifts);
    await open('/shop/');
    await page.getByRole('main').locator('img').first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(asked.filter((path) => path === '/products')).to.have.length(1);
    expect(asked.filter((path) => path === '/products/popular')).to.have.length(1);
    expect(Number(await page.evaluate('shift'))).to.be.below(0.05);
  });

  it('can be used with the keyboard alone, from the list to the order', async () => {
    const { page, open, logIn } = await pages.visitor();
    await logIn(credentials);
    await open('/shop/?q=Pictured');
    await page.keyboard.press('Tab');
    expect(await focused(page)).to.equal('Skip to the content');
    await page.keyboard.press('Enter');
    await tabTo(page, /^Pictured/);
    await page.keyboard.press('Enter');
    await page.locator('.buying').waitFor();
    await tabTo(page, /^Add to cart$/);
    await page.keyboard.press('Enter');
    await page.locator('dialog[open] .checkout').waitFor();
    // The dialog holds the focus until it is closed.
    await tabTo(page, /^Pay ₩/);
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    expect(await focused(page)).to.equal('Add to cart');
    await tabTo(page, /^Buy now$/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Buy now' }).waitFor();
    await page.locator('.checkout').waitFor();
    await tabTo(page, /^Pay ₩/);
    await page.keyboard.press('Enter');
    await page.getByText('Your order is complete').waitFor();
  });

  const focused = async (page: Page) =>
    String(await page.evaluate('(document.activeElement?.textContent ?? "").trim()'));

  async function tabTo(page: Page, wanted: RegExp, key = 'Tab'): Promise<void> {
    const passed: string[] = [];
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press(key);
      const text = await focused(page);
      if (wanted.test(text)) return;
      passed.push(text);
    }
    throw new Error(`no focus on ${wanted}; it passed ${passed.join(' | ')}`);
  }

  it('keep search, order and filters in the address, and page further', async () => {
    const { page, open } = await pages.visitor();
    await open('/shop/');
    await page.getByRole('searchbox').fill('Plain');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Found for “Plain”' }).waitFor();
    await page.getByLabel('Order').selectOption('price_asc');
    await page.waitForURL(/sort=price_asc/);
    await page.locator('ul.grid li:first-child', { hasText: '₩1,000' }).waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('That is all.').waitFor();
    expect(await page.locator('ul.grid .item').count()).to.equal(25);
    await page.getByLabel('In stock only').check();
    await page.waitForURL(/stock=yes/);
    await page.reload();
    expect(await page.getByLabel('In stock only').isChecked()).to.equal(true);
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('stock'));
  });

  it('refresh the stock of a product while it is shown', async () => {
    const id = await pages.admin.newProduct({ name: 'Moving', price: 100, stock: 7 });
    const { page, open } = await pages.visitor();
    await open(`/shop/products/${id}`);
    await page.getByText('7 left').waitFor();
    const customer = await pages.shop.client(pages.app).newCustomer(1000);
    await customer.postOrder([{ productId: id, quantity: 3 }]);
    await page.getByText('4 left').waitFor();
  });

  it('count down to a sale, open it by themselves and say when it is over', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const newSale = async (name: string, times: object) => {
      const product = { name, description: '', price: 100, stock: 9, purchaseLimit: 2, ...times };
      const reply = await pages.admin.post('/admin/products', product, { key: name });
      expect(reply.status, reply.text).to.equal(201);
      return reply.body.id as string;
    };
    const { page, open } = await pages.visitor();
    await open(`/shop/products/${await newSale('Soon', { saleFrom: at(12_000), saleUntil: at(600_000) })}`);
    await page.getByText(/Starts in 00:/).waitFor();
    expect(await page.getByRole('button', { name: 'Buy now' }).isDisabled()).to.equal(true);
    await page.getByText(/Ends in \d/).waitFor();
    await page.locator('button:enabled', { hasText: 'Buy now' }).waitFor();
    await open(`/shop/products/${await newSale('Past', { saleUntil: at(-1000) })}`);
    await page.getByText('The sale is over').waitFor();
    expect(await page.getByRole('button', { name: 'Buy now' }).isDisabled()).to.equal(true);
  });

  it('say that nothing is there of an address without such a product or order', async () => {
    const { credentials } = await pages.customer(0);
    const { page, logIn } = await pages.visitor();
    await logIn(credentials);
    for (const path of ['products/mug', 'orders/mug', 'orders/00000000-0000-7000-8000-000000000000']) {
      await page.goto(`${pages.app.url}/shop/${path}`);
      await page.getByText('This does not exist').waitFor();
    }
  });

  it('say that they are offline, busy or stale, and go on by themselves', async () => {
    const { page, open, context } = await pages.visitor();
    await open(`/shop/products/${productId}`);
    await page.locator('.live').waitFor();
    await context.setOffline(true);
    await page.getByText('You are offline. What you see is from before').waitFor();
    await page.getByText(/This is from .* Refreshing failed/).waitFor();
    await context.setOffline(false);
    await page.getByText(/Refreshing failed/).waitFor({ state: 'detached' });
    let refusals = 0;
    await page.route('**/products?*', async (route) => {
      refusals += 1;
      if (refusals > 3) return route.continue();
      const body = JSON.stringify({ code: 'busy_retry', title: 'Busy', status: 503 });
      return route.fulfill({ status: 503, contentType: 'application/problem+json', body });
    });
    await page.goto(`${pages.app.url}/shop/?q=Plain`);
    await page.getByText('Many people are here right now').waitFor();
    await page.locator('.grid .item').first().waitFor();
    expect(refusals).to.be.above(3);
  });

  it('follow the chosen theme and language, and keep both', async () => {
    const { page, open } = await pages.visitor({ locale: 'ko-KR', colorScheme: 'light' });
    const paper = async () => String(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
    await open('/shop/');
    await page.getByRole('heading', { name: '전체 상품' }).first().waitFor();
    const light = await paper();
    await page.getByLabel('화면 색').selectOption('dark');
    const dark = await paper();
    expect(dark).to.not.equal(light);
    await page.getByLabel('언어').selectOption('en');
    await page.getByRole('heading', { name: 'All products' }).first().waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'All products' }).first().waitFor();
    expect(await paper()).to.equal(dark);
  });
});
