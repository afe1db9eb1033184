import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { noViolations } from '../support/browser/watch-page.ts';
import { useTestPages } from '../support/browser/use-pages.ts';
import { until } from '../support/until.ts';

describe('buying in a browser', () => {
  const pages = useTestPages();

  const ordersOf = (userId: string) =>
    pages.shop.database.value('SELECT COUNT(*) FROM orders WHERE user_id = ?', [uuidBytes(userId)]);
  const outcome = (page: Page, step: string) => page.locator(`.outcome[data-step=${step}]`).first().waitFor();

  it('works from sign-up through charge and cart to the order and its cancellation', async () => {
    await pages.admin.newProduct({ name: 'Blue cup', price: 12_000, stock: 5 });
    const { page, open, violations } = await pages.visitor();
    await open('/shop/');
    await page.click('text=Blue cup');
    await page.click('text=Add to cart');
    await page.locator('dialog[open]').getByText('Blue cup').waitFor();
    await page.locator('dialog[open]').getByRole('link', { name: 'Log in' }).click();
    await page.getByRole('link', { name: 'Open an account' }).click();
    const email = `browser-${Date.now()}@example.com`;
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', 'correct horse battery');
    await page.click('main [type=submit]');
    // Back in the cart, which came along; the balance is missing.
    await page.getByText('Your balance is ₩12,000 short').waitFor();
    await page.getByRole('link', { name: 'Charge it' }).click();
    await page.fill('input[type=number]', '50000');
    await page.click('main [type=submit]');
    await page.getByText('₩50,000 added.').waitFor();
    await open('/shop/cart');
    await page.getByRole('button', { name: 'Pay ₩12,000' }).click();
    await page.getByText('Your order is complete').waitFor();
    await page.getByText('₩12,000 paid, ₩38,000 left on your balance.').waitFor();
    await page.getByRole('link', { name: 'See the order' }).click();
    await page.getByText('Stock change #2').waitFor();
    await page.getByRole('button', { name: 'Cancel and get ₩12,000 back' }).click();
    await page.getByText('Cancelled. ₩12,000 is back on your balance.').waitFor();
    await page.getByText('Cancelled', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Balance ₩50,000' }).waitFor();
    expect(violations).to.deep.equal(noViolations);
  });

  it('buys once on a double click', async () => {
    const productId = await pages.admin.newProduct({ name: 'Pen', price: 1000, stock: 9 });
    const { credentials, userId } = await pages.customer(10_000);
    const { page, open, logIn, violations } = await pages.visitor();
    await logIn(credentials);
    await open(`/shop/buy/${productId}?quantity=1`);
    let sent = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/orders')) sent += 1;
    });
    const button = page.getByRole('button', { name: 'Pay ₩1,000' });
    await button.waitFor();
    await button.dblclick();
    await outcome(page, 'ordered');
    expect(await ordersOf(userId)).to.equal(1);
    expect(sent).to.equal(1);
    expect(violations).to.deep.equal(noViolations);
  });

  it('buys once when the answer is lost, and says that it checks meanwhile', async () => {
    const productId = await pages.admin.newProduct({ name: 'Lamp', price: 2000, stock: 9 });
    const { credentials, userId } = await pages.customer(10_000);
    const { page, open, logIn } = await pages.visitor();
    await logIn(credentials);
    const keys: (string | undefined)[] = [];
    await page.route('**/orders', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      // The shop places the order; its answer never arrives.
      await route.fetch();
      return route.abort('connectionreset');
    });
    await open(`/shop/buy/${productId}?quantity=1`);
    await page.getByRole('button', { name: 'Pay ₩2,000' }).click();
    await page.getByText('We are checking your order').waitFor();
    await page.getByText('This order was complete already').waitFor();
    expect(await ordersOf(userId)).to.equal(1);
    expect(keys).to.have.lengthOf(2);
    expect(new Set(keys).size).to.equal(1);
  });

  it('buys once when the page is reloaded while it buys', async () => {
    const productId = await pages.admin.newProduct({ name: 'Bowl', price: 3000, stock: 9 });
    const { credentials, userId } = await pages.customer(10_000);
    const { page, open, logIn } = await pages.visitor();
    await logIn(credentials);
    let isHeld = true;
    await page.route('**/orders', async (route) => {
      if (route.request().method() !== 'POST' || !isHeld) return route.continue();
      isHeld = false;
      await route.fetch();
      // No answer before the reload.
      return undefined;
    });
    await open(`/shop/buy/${productId}?quantity=1`);
    await page.getByRole('button', { name: 'Pay ₩3,000' }).click();
    await until('the order is placed', async () => (await ordersOf(userId)) === 1);
    await page.reload();
    await page.getByText('This order was complete already').waitFor();
    expect(await ordersOf(userId)).to.equal(1);
    expect(await page.evaluate("sessionStorage.getItem('rowlock.purchase')")).to.equal(null);
  });

  it('finds out after a log-in how a purchase ended whose session had expired', async () => {
    const productId = await pages.admin.newProduct({ name: 'Chair', price: 4000, stock: 9 });
    const { credentials, userId } = await pages.customer(10_000);
    const { page, open, logIn } = await pages.visitor();
    await logIn(credentials);
    await open(`/shop/buy/${productId}?quantity=1`);
    const button = page.getByRole('button', { name: 'Pay ₩4,000' });
    await button.waitFor();
    // Every session of the account ends elsewhere.
    const elsewhere = await pages.shop.client(pages.app).logIn(credentials);
    await elsewhere.post('/auth/logout-everywhere');
    await button.click();
    await page.getByText('You were logged out meanwhile').waitFor();
    await page.locator('.outcome').getByRole('link', { name: 'Log in' }).click();
    await page.fill('[name=email]', credentials.email);
    await page.fill('[name=password]', credentials.password);
    await page.click('main [type=submit]');
    await outcome(page, 'ordered');
    expect(await ordersOf(userId)).to.equal(1);
  });

  it('says what was refused and what was paid, in both languages', async () => {
    const productId = await pages.admin.newProduct({ name: 'Rare', price: 500, stock: 2 });
    const { credentials, userId } = await pages.customer(10_000);
    const buyer = await pages.shop.client(pages.app).logIn((await pages.customer(10_000)).credentials);
    const { page, open, logIn } = await pages.visitor({ locale: 'ko-KR' });
    await logIn(credentials);
    await open(`/shop/buy/${productId}?quantity=2`);
    const button = page.getByRole('button', { name: '₩1,000 결제' });
    await button.waitFor();
    await buyer.postOrder([{ productId, quantity: 1 }]);
    await button.click();
    await page.getByText('품절되었습니다').waitFor();
    await page.getByText('2개를 원하셨지만 1개 남았습니다. 결제된 금액은 없습니다.').waitFor();
    await page.getByLabel('언어').selectOption('en');
    await page.getByText('You wanted 2, 1 left. You paid nothing.').waitFor();
    expect(await page.evaluate('document.documentElement.lang')).to.equal('en');
    expect(await ordersOf(userId)).to.equal(0);
  });

  it('deducts a coupon, and pays exactly what the button said', async () => {
    const productId = await pages.admin.newProduct({ name: 'Book', price: 20_000, stock: 9 });
    const coupon = await newCoupon(5);
    const { credentials } = await pages.customer(50_000);
    const { page, open, logIn } = await pages.visitor();
    await logIn(credentials);
    await open('/shop/coupons');
    await page.getByText('5 of 5 left').waitFor();
    await page.getByRole('button', { name: `Claim: ${coupon.name}` }).click();
    await page.getByText(`${coupon.name}: It is yours.`).waitFor();
    await open(`/shop/buy/${productId}?quantity=1`);
    await page.getByLabel('Coupon').selectOption({ label: '₩3,000 off' });
    await page.getByRole('button', { name: 'Pay ₩17,000' }).click();
    await page.getByText('₩17,000 paid, ₩33,000 left on your balance.').waitFor();
  });

  it('gives the last coupon to one of two tabs', async () => {
    const coupon = await newCoupon(1);
    const visitors = await Promise.all([pages.visitor(), pages.visitor()]);
    for (const visitor of visitors) {
      await visitor.logIn((await pages.customer(0)).credentials);
      await visitor.open('/shop/coupons');
      await visitor.page.getByRole('button', { name: `Claim: ${coupon.name}` }).waitFor();
    }
    await Promise.all(
      visitors.map(({ page }) => page.getByRole('button', { name: `Claim: ${coupon.name}` }).click()),
    );
    const told = await Promise.all(
      visitors.map(({ page }) => {
        const got = page.getByText(`${coupon.name}: It is yours.`).waitFor();
        const late = page.getByText(`${coupon.name}: All of them were claimed a moment ago.`).waitFor();
        return Promise.any([got.then(() => 'has it'), late.then(() => 'too late')]);
      }),
    );
    expect(told.toSorted()).to.deep.equal(['has it', 'too late']);
    const issued = await pages.shop.database.value('SELECT issued_count FROM coupons WHERE id = ?', [
      uuidBytes(coupon.id),
    ]);
    expect(issued).to.equal(1);
  });

  async function newCoupon(quantity: number): Promise<{ readonly id: string; readonly name: string }> {
    const name = `Coupon ${Date.now()}`;
    const reply = await pages.admin.post(
      '/admin/coupons',
      {
        name,
        discount: { kind: 'FIXED', amount: 3000 },
        quantity,
        validFrom: '2020-01-01T00:00:00Z',
        validUntil: '2099-01-01T00:00:00Z',
      },
      { key: name.replaceAll(' ', '-') },
    );
    if (reply.status !== 201) throw new Error(`no coupon: ${reply.status} ${reply.text}`);
    return { id: reply.body.id as string, name };
  }
});
