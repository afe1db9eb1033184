import { expect } from 'chai';
import {
  createPurchases,
  type Order,
  type OrderAnswer,
  type Purchase,
} from '../../../app/web/shop/checkout/purchase.ts';

const body = { fromCart: true as const, expectedTotal: 5000 };
const wanted = { body, from: '/shop/cart', userId: 'a' };
const order = { id: 'order', total: 5000, balanceAfter: 1000 } as Order;
const ordered: OrderAnswer = { code: 'ordered', order, isReplay: false };

/** A tab's storage, which a reload keeps. */
function createTab() {
  const values = new Map<string, string>();
  return {
    read: (name: string) => values.get(name),
    write: (name: string, value: string | undefined) => {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    },
    values,
  };
}

/** Purchases in a tab, and what they sent. A test that runs again in the same tab has reloaded it. */
function open(
  tab: ReturnType<typeof createTab>,
  place: (sent: Purchase, nth: number) => Promise<OrderAnswer>,
) {
  const sent: Purchase[] = [];
  const pauses: number[] = [];
  const purchases = createPurchases({
    place: (purchase) => {
      sent.push(purchase);
      return place(purchase, sent.length);
    },
    kept: tab,
    newKey: () => `key-${Math.random()}`,
    nowMs: () => 1000,
    pause: async (ms) => {
      pauses.push(ms);
    },
  });
  return { purchases, sent, pauses };
}

describe('a purchase', () => {
  it('is sent once however often it is clicked', async () => {
    const { purchases, sent } = open(createTab(), async () => ordered);
    await Promise.all([purchases.begin(wanted), purchases.begin(wanted), purchases.begin(wanted)]);
    expect(sent).to.have.lengthOf(1);
    expect(purchases.state.value).to.deep.include({ step: 'ordered', order, isReplay: false });
  });

  it('is asked for again with the same key after a lost answer', async () => {
    const lost: OrderAnswer = { code: 'lost' };
    const { purchases, sent, pauses } = open(createTab(), async (_sent, nth) => (nth < 3 ? lost : ordered));
    await purchases.begin(wanted);
    expect(new Set(sent.map(({ key }) => key)).size).to.equal(1);
    expect(sent).to.have.lengthOf(3);
    expect(pauses).to.deep.equal([500, 1000]);
    expect(purchases.state.value.step).to.equal('ordered');
  });

  it('waits as long as a busy shop asks for, and says that it checks', async () => {
    const seen: unknown[] = [];
    const { purchases, pauses } = open(createTab(), async (_sent, nth) =>
      nth === 1 ? { code: 'busy', retryAfterMs: 2000 } : ordered,
    );
    purchases.state.subscribe(({ step }) => seen.push(step));
    await purchases.begin(wanted);
    expect(pauses).to.deep.equal([2000]);
    expect(seen).to.deep.equal(['none', 'sending', 'checking', 'ordered']);
  });

  it('continues with the same key and body after a reload', async () => {
    const tab = createTab();
    const before = open(tab, () => new Promise<OrderAnswer>(() => undefined));
    void before.purchases.begin(wanted);
    const after = open(tab, async () => ({ ...ordered, isReplay: true }));
    await after.purchases.resume('a');
    expect(after.sent).to.deep.equal(before.sent);
    expect(after.purchases.state.value).to.deep.include({ step: 'ordered', isReplay: true });
    expect(tab.values.size).to.equal(0);
  });

  it('is not continued by another customer of the same browser', async () => {
    const tab = createTab();
    void open(tab, () => new Promise<OrderAnswer>(() => undefined)).purchases.begin(wanted);
    const other = open(tab, async () => ordered);
    await other.purchases.resume('b');
    expect(other.sent).to.deep.equal([]);
    await open(tab, async () => ordered).purchases.resume('a');
    expect(tab.values.size).to.equal(0);
  });

  it('keeps its key while its outcome is unknown, and a further click asks for the same one', async () => {
    const tab = createTab();
    const { purchases, sent } = open(tab, async () => ({ code: 'lost' }));
    await purchases.begin(wanted);
    expect(purchases.state.value.step).to.equal('unknown');
    purchases.dismiss();
    expect(purchases.state.value.step).to.equal('unknown');
    await purchases.begin({ ...wanted, body: { fromCart: true, expectedTotal: 1 } });
    expect(new Set(sent.map(({ key }) => key)).size).to.equal(1);
    expect(new Set(sent.map((purchase) => purchase.body.expectedTotal))).to.deep.equal(new Set([5000]));
  });

  it('keeps its key when the session has ended', async () => {
    const tab = createTab();
    const ended = open(tab, async () => ({ code: 'session' }));
    await ended.purchases.begin(wanted);
    expect(ended.purchases.state.value.step).to.equal('session');
    const again = open(tab, async () => ordered);
    await again.purchases.resume('a');
    expect(again.sent[0]?.key).to.equal(ended.sent[0]?.key);
  });

  it('gets another key after a refusal', async () => {
    const refused: OrderAnswer = { code: 'refused', problem: { code: 'out_of_stock' } };
    const { purchases, sent } = open(createTab(), async () => refused);
    await purchases.begin(wanted);
    expect(purchases.state.value).to.deep.include({ step: 'refused', problem: { code: 'out_of_stock' } });
    await purchases.begin(wanted);
    expect(new Set(sent.map(({ key }) => key)).size).to.equal(2);
    purchases.dismiss();
    expect(purchases.state.value.step).to.equal('none');
  });
});
