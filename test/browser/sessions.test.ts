import { expect } from 'chai';
import { logInToConsole, newAdmin } from '../support/browser/console-visitor.ts';
import { useTestPages } from '../support/browser/use-pages.ts';
import { noViolations } from '../support/browser/watch-page.ts';

describe('sessions in a browser', () => {
  const pages = useTestPages();

  it('takes what became of a purchase with its customer, and shows it to nobody after them', async () => {
    const productId = await pages.admin.newProduct({ name: 'Lamp', price: 7000, stock: 9 });
    const [{ credentials }, next] = [await pages.customer(10_000), await pages.customer(0)];
    const { page, open, logIn, violations } = await pages.visitor();
    await logIn(credentials);
    await open(`/shop/buy/${productId}?quantity=1`);
    await page.getByRole('button', { name: 'Pay ₩7,000' }).click();
    await page.getByText('₩7,000 paid, ₩3,000 left on your balance.').waitFor();
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    // The same document continues: a reload would begin without a notice anyway.
    await page.getByRole('link', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await page.locator('.outcome').innerText()).to.equal('');
    await logIn(next.credentials);
    await page.getByRole('link', { name: 'Balance ₩0' }).waitFor();
    expect(await page.locator('.outcome').innerText()).to.equal('');
    expect(violations).to.deep.equal(noViolations);
  });

  it('are the same in every tab: another log-in or a log-out makes the others begin again', async () => {
    const { credentials } = await pages.customer(5000);
    const admin = await newAdmin(pages);
    const visitor = await pages.visitor();
    await visitor.logIn(credentials);
    await visitor.open('/shop/account');
    await visitor.page.getByText(credentials.email).waitFor();
    const tab = await visitor.context.newPage();
    await tab.goto(`${pages.app.url}/console/`);
    await tab.getByRole('button', { name: 'Log in with another account' }).click();
    await logInToConsole({ ...visitor, page: tab, open: async () => undefined }, admin);
    await tab.locator('.side nav').waitFor({ state: 'attached' });
    // The cookie is the admin's now; so is what the shop shows.
    await visitor.page.getByText(admin.email).waitFor();
    await tab.getByRole('button', { name: 'Log out' }).click();
    await visitor.page.getByText('Log in to see this page').waitFor();
    expect(visitor.violations).to.deep.equal(noViolations);
  });

  it('say at once that too many log-ins failed, instead of trying again in vain', async () => {
    const { page, open } = await pages.visitor();
    await open('/shop/log-in');
    let sent = 0;
    await page.route('**/auth/login', (route) => {
      sent += 1;
      return route.fulfill({
        status: 429,
        headers: { 'Retry-After': '900' },
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'rate_limited', status: 429 }),
      });
    });
    await page.fill('[name=email]', 'one@example.com');
    await page.fill('[name=password]', 'correct horse battery');
    await page.click('main [type=submit]');
    await page.getByText('Too many attempts').waitFor();
    expect(sent).to.equal(1);
  });
});
