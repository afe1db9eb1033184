import { expect } from 'chai';
import { orderCompletedEvent } from '../../app/events/order-event.ts';
import { newUuid, uuidBytes } from '../../app/platform/uuid.ts';
import { consoleVisitor } from '../support/browser/console-visitor.ts';
import { useTestPages } from '../support/browser/use-pages.ts';
import { noViolations } from '../support/browser/watch-page.ts';
import { newDeadLetter } from '../support/shop/new-dead-letter.ts';
import { picture } from '../support/shop/image-uploads.ts';
import { until } from '../support/until.ts';

describe('operating the shop in a browser', () => {
  const pages = useTestPages();

  it('cancels an order for its customer with a reason, and shows the whole chain', async () => {
    const productId = await pages.admin.newProduct({ name: 'Vase', price: 12_000, stock: 5 });
    const { credentials, userId } = await pages.customer(50_000);
    const customer = await pages.shop.client(pages.app).logIn(credentials);
    const orderId = (await customer.postOrder([{ productId, quantity: 2 }])).body.id as string;
    const { page, open, violations } = await consoleVisitor(pages, { role: 'operator' });
    await open('/console/orders');
    await page.getByLabel('What to find').fill(credentials.email);
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('link', { name: 'Vase × 2' }).click();
    await page.getByText('adds up').waitFor();
    await page.getByText('5 → 3').waitFor();
    await page.getByText('₩50,000 → ₩26,000').waitFor();
    await page.getByText('Counted once').waitFor();
    await page.getByLabel('Reason (kept in the trail)').fill('broken on arrival');
    await page.getByRole('button', { name: 'Cancel and refund ₩24,000' }).click();
    await page.getByText("₩24,000 are back in the customer's balance.").waitFor();
    await page.getByText('by an operator: broken on arrival').waitFor();
    await page.getByText('3 → 5').waitFor();
    await page.getByText('Counted out once').waitFor();
    const balance = await pages.shop.database.value('SELECT balance FROM wallets WHERE user_id = ?', [
      uuidBytes(userId),
    ]);
    expect(balance).to.equal(50_000);
    expect((await pages.admin.get(`/admin/orders/${orderId}`)).body.status).to.equal('CANCELLED');
    await open('/console/operators');
    await page.locator('.trail').getByText('cancelled the order').waitFor();
    expect(violations).to.deep.equal(noViolations);
  });

  it('finds a product that is far down the list, and shows every change of its stock', async () => {
    const productId = await pages.admin.newProduct({ name: 'Rare inkstone', price: 100, stock: 9 });
    for (let index = 0; index < 26; index += 1) await pages.admin.newProduct({ name: `Later ${index}` });
    const customer = await pages.shop.client(pages.app).newCustomer(1000);
    await customer.postOrder([{ productId, quantity: 2 }]);
    const { page, open, violations } = await consoleVisitor(pages, { role: 'operator' });
    await open('/console/products');
    await page.getByPlaceholder('Find by name').fill('INKSTONE');
    await page.getByRole('link', { name: 'Rare inkstone' }).click();
    const ledger = page.getByRole('table', { name: 'Stock ledger' });
    await ledger.getByRole('row', { name: /sold seq 2 order −?-?2 7/ }).waitFor();
    await page.locator('[name=delta]').fill('4');
    await page.locator('[name=reason]').fill('delivery');
    await page.getByRole('button', { name: 'Add 4 units' }).click();
    await ledger.getByRole('row', { name: /adjusted seq 3 delivery \+4 11/ }).waitFor();
    expect(violations).to.deep.equal(noViolations);
  });

  it('lists nothing twice, however often more is asked for', async () => {
    for (let index = 0; index < 30; index += 1) await pages.admin.newProduct({ name: `Many ${index}` });
    const { page, open } = await consoleVisitor(pages, { role: 'viewer' });
    await open('/console/products');
    let answers = 0;
    page.on('requestfinished', (request) => {
      if (request.url().includes('cursor=')) answers += 1;
    });
    const more = page.getByRole('button', { name: 'Show more' });
    await more.evaluate((button: { click(): void }) => [1, 2, 3].forEach(() => button.click()));
    await until('three answers have come', () => answers === 3);
    await page.evaluate('new Promise((drawn) => requestIdleCallback(drawn))');
    const links = page.locator('tbody tr td:first-child a');
    await links.nth(25).waitFor();
    // The text of a link is its address.
    const shown = await links.evaluateAll((all) => all.map(String));
    expect(new Set(shown).size).to.equal(shown.length);
  });

  it('uploads a dropped picture straight to the bucket and shows its sizes', async () => {
    const productId = await pages.admin.newProduct({ name: 'Lamp', price: 5000, stock: 5 });
    const { page, open, violations } = await consoleVisitor(pages, { role: 'operator' });
    await open(`/console/products/${productId}`);
    const bytes = (await picture('png', { width: 1300, height: 1300 })).toString('base64');
    const transfer = await page.evaluateHandle(`(() => {
      const bytes = Uint8Array.from(atob('${bytes}'), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'lamp.png', { type: 'image/png' }));
      transfer.items.add(new File(['no picture'], 'fake.png', { type: 'image/png' }));
      transfer.items.add(new File(['text'], 'note.txt', { type: 'text/plain' }));
      return transfer;
    })()`);
    await page.locator('.drop').waitFor();
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: transfer });
    const row = (name: string) => page.locator('.upload', { hasText: name });
    await row('lamp.png').getByText('shown to customers').waitFor();
    for (const size of ['200 × 200', '600 × 600', '1200 × 1200'])
      await row('lamp.png').getByRole('link', { name: size }).waitFor();
    await row('fake.png').getByText('The content is not of the announced type.').waitFor();
    await row('note.txt').getByText('Only JPEG, PNG, WebP and AVIF can be shown.').waitFor();
    await until('the picture is drawn', async () =>
      Boolean(await page.evaluate("document.querySelector('.pictures img')?.naturalWidth >= 600")),
    );
    expect((await pages.admin.get(`/products/${productId}`)).body.images).to.have.lengthOf(1);
    expect(violations).to.deep.equal(noViolations);
  });

  it('shows a conflicting edit as a difference, and overwrites nothing unseen', async () => {
    const productId = await pages.admin.newProduct({ name: 'Chair', price: 9000, stock: 5 });
    const { page, open } = await consoleVisitor(pages, { role: 'operator' });
    await open(`/console/products/${productId}`);
    const price = page.getByLabel('Price in won');
    await price.fill('9500');
    await page.getByLabel('Name').fill('My chair');
    const before = await pages.admin.get(`/admin/products/${productId}`);
    const theirs = { name: 'Their chair', description: '', price: 9000, status: 'ACTIVE', purchaseLimit: 3 };
    const put = await pages.admin.request('PUT', `/admin/products/${productId}`, {
      body: theirs,
      headers: { 'if-match': before.headers.get('etag') ?? '' },
    });
    expect(put.status).to.equal(200);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const conflict = page.locator('.conflict');
    await conflict.locator('b', { hasText: 'Somebody saved this while you were editing' }).waitFor();
    await conflict.getByText(/^Saved by .+@example\.com at/).waitFor();
    const cells = await conflict.getByRole('row').allInnerTexts();
    expect(cells.map((text) => text.replace(/\s+/g, ' ').trim())).to.deep.equal([
      'Field When you began Saved meanwhile Yours Kept',
      'Name Chair Their chair My chair Saved meanwhile Yours',
      'Price in won ₩9,000 ₩9,000 ₩9,500 yours, they left it',
      'Units per customer no limit 3 no limit theirs, you left it',
    ]);
    await conflict.getByLabel('Keep for Name').selectOption('mine');
    await conflict.getByRole('button', { name: 'Save what is kept' }).click();
    await page.getByText('Saved. Customers see it within a second.').waitFor();
    const { body } = await pages.admin.get(`/admin/products/${productId}`);
    expect(body).to.deep.include({ name: 'My chair', price: 9500, purchaseLimit: 3, version: 3 });
  });

  it('lists dead letters and sends back one of them, then the rest', async () => {
    const { aws } = pages.shop;
    const event = () => {
      const items = [{ productId: newUuid(), quantity: 1, unitPriceKrw: 1 }];
      const ids = { orderId: newUuid(), userId: newUuid() };
      return orderCompletedEvent({ ...ids, totalKrw: 1, discountKrw: 0, createdAt: new Date(), items });
    };
    const batch = Array.from({ length: 5 }, event);
    await newDeadLetter(aws, JSON.stringify(batch));
    for (let count = 0; count < 2; count += 1)
      await newDeadLetter(aws, JSON.stringify(event()), 'uncountable');
    const { page, open } = await consoleVisitor(pages, { role: 'operator' });
    await open('/console/events');
    const rows = page.getByRole('table', { name: 'Dead letters' }).getByRole('row');
    const whole = rows.filter({ hasText: 'and 2 more events' });
    await whole.getByText('received five times in vain').waitFor();
    await whole.getByRole('link', { name: batch[0]?.id ?? '' }).waitFor();
    expect(await rows.filter({ hasText: 'the statistics refused it' }).count()).to.equal(2);
    await whole.getByRole('button', { name: 'Send back' }).click();
    await page.getByText('One dead letter is on its way back.').waitFor();
    await whole.waitFor({ state: 'detached' });
    expect(await aws.messageCount(aws.deadLetterQueueUrl)).to.equal(2);
    await page.getByRole('button', { name: 'Send all back' }).click();
    // Letters that the list has just read are hidden: the redrive waits for them, perhaps beyond its answer.
    await page.getByText(/2 dead letters are on their way back\.|The queue is moving them/).waitFor();
    await page.getByText('every event could be counted').waitFor();
    expect(await aws.messageCount(aws.deadLetterQueueUrl)).to.equal(0);
  });

  it('watches a sale down to zero, and stops another one', async () => {
    const productId = await pages.admin.newProduct({ name: 'Turntable', price: 100, stock: 30 });
    const buyer = await pages.shop.client(pages.app).logIn((await pages.customer(10_000)).credentials);
    const { page, open, violations } = await consoleVisitor(pages, { role: 'operator' });
    await open(`/console/sale-room/${productId}`);
    await page.getByText('left of 30').waitFor();
    await page.locator('.plot canvas').waitFor();
    for (const quantity of [10, 15, 5]) {
      expect((await buyer.postOrder([{ productId, quantity }])).status).to.equal(200);
    }
    await page.locator('.huge', { hasText: /^0/ }).waitFor();
    await page.getByText(/^sold out, \d+ s after/).waitFor();
    const sold = page.locator('.counts > div', { hasText: 'sold while you watched' });
    expect(await sold.locator('dd').innerText()).to.equal('30');
    expect((await buyer.postOrder([{ productId, quantity: 1 }])).body.code).to.equal('out_of_stock');
    await page.getByText('out_of_stock').waitFor();
    // Stopping says what it does before it does it.
    await page.getByRole('button', { name: 'Stop the sale' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Orders that were placed stay.').waitFor();
    await dialog.getByRole('button', { name: 'Keep selling' }).click();
    expect((await pages.admin.get(`/admin/products/${productId}`)).body.status).to.equal('ACTIVE');
    await page.getByRole('button', { name: 'Stop the sale' }).click();
    await dialog.getByRole('button', { name: 'Take it off sale' }).click();
    await page.getByText('It is off sale. Orders from now on are refused.').waitFor();
    expect((await pages.admin.get(`/admin/products/${productId}`)).body.status).to.equal('INACTIVE');
    await page.getByRole('button', { name: 'Put it back on sale' }).click();
    await page.getByText('It is on sale again.').waitFor();
    expect(violations).to.deep.equal(noViolations);
  });

  it('corrects a balance once, however often the answer is lost', async () => {
    const { userId } = await pages.customer(20_000);
    const { page, open } = await consoleVisitor(pages);
    const keys = new Set<string | undefined>();
    await page.route('**/balance-adjustments', async (route) => {
      keys.add(route.request().headers()['idempotency-key']);
      // The shop carries it out; its answer never arrives.
      await route.fetch();
      return route.abort('connectionreset');
    });
    await open(`/console/customers/${userId}`);
    await page.getByLabel('Won to add, or to remove with a minus').fill('-5000');
    await page.getByLabel('Reason (kept in the trail)').fill('charged twice by the bank');
    await page.getByRole('button', { name: 'Remove ₩5,000' }).click();
    await page.getByRole('alert').getByText('The shop does not answer').waitFor();
    await page.unroute('**/balance-adjustments');
    await page.getByRole('button', { name: 'Remove ₩5,000' }).click();
    await page.getByText('The balance was ₩20,000, is ₩15,000.').waitFor();
    expect(keys.size).to.equal(1);
    const entries = await pages.shop.database.value(
      "SELECT COUNT(*) FROM wallet_entries WHERE user_id = ? AND kind = 'ADJUSTMENT'",
      [uuidBytes(userId)],
    );
    expect(entries).to.equal(1);
  });

  it('stops a coupon and restores it', async () => {
    const name = `Coupon ${Date.now()}`;
    const coupon = await pages.admin.post('/admin/coupons', {
      name,
      discount: { kind: 'FIXED', amount: 1000 },
      quantity: 5,
      validFrom: '2020-01-01T00:00:00Z',
      validUntil: '2099-01-01T00:00:00Z',
    });
    const status = async () => (await pages.admin.get(`/admin/coupons/${coupon.body.id}`)).body.status;
    const { page, open } = await consoleVisitor(pages, { role: 'operator' });
    await open('/console/coupons');
    await page.getByRole('link', { name }).click();
    await page.getByRole('button', { name: 'Stop it' }).click();
    await page.getByText('Stopped. It can no longer be claimed or used.').waitFor();
    expect(await status()).to.equal('STOPPED');
    await page.getByRole('button', { name: 'Restore it' }).click();
    await page.getByText('Restored. It can be claimed and used again.').waitFor();
    expect(await status()).to.equal('ACTIVE');
  });

  it('invites an operator, who joins by a link that works once', async () => {
    const email = `invited-${Date.now()}@example.com`;
    const { page, open } = await consoleVisitor(pages);
    await open('/console/operators');
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('button', { name: 'Make the invitation' }).click();
    const link = await page.locator('.token').innerText();
    const invited = await pages.visitor();
    const join = new URL(link);
    await invited.open(`${join.pathname}${join.hash}`);
    await invited.page.fill('[name=password]', 'correct horse battery');
    await invited.page.getByRole('button', { name: 'Join' }).click();
    await invited.page.getByText('You have joined.').waitFor();
    await invited.page.getByRole('link', { name: 'Go to the log-in' }).click();
    await invited.page.fill('[name=email]', email);
    await invited.page.fill('[name=password]', 'correct horse battery');
    await invited.page.click('main [type=submit]');
    await invited.page.getByRole('heading', { name: 'Overview' }).waitFor();
    const again = await pages.visitor();
    await again.open(`${join.pathname}${join.hash}`);
    await again.page.fill('[name=password]', 'another horse battery');
    await again.page.getByRole('button', { name: 'Join' }).click();
    await again.page.getByText('This invitation does not exist, was used, or has expired.').waitFor();
    // The owner who invited takes it back.
    await page.reload();
    await page.getByLabel(`Role: ${email}`).waitFor();
    await page.getByRole('row', { name: email }).getByRole('button', { name: 'Disable' }).click();
    await page.getByText(`${email} is changed.`).waitFor();
    // The overview asks every few seconds.
    await invited.page.getByText('Your session has ended.').waitFor();
  });
});
