import type { HistoryBreak } from './answer-breaks.ts';
import {
  ofProduct,
  ofUser,
  ofOrder,
  ofInvoke,
  edit,
  remove,
  editAnswer,
  editResponse,
  editRequest,
  firstSample,
  addToBalance,
} from './edit-history.ts';
import { couponTerms, soundIds, soundTerms } from './sound-end-state.ts';
import { soundOps } from './sound-history.ts';

const { productA, productB, user1, user2, coupon, order1, order2, order4, createdAtMs } = soundIds;
const DAY_MS = 86_400_000;
const o = soundOps;

/** Faults in what the database holds, at the end and in between. */
export const stateBreaks: readonly HistoryBreak[] = [
  {
    title: 'an event has no key on Kafka',
    seenBy: ['keyed-by-order'],
    make: ({ state }) => {
      state.topic = { records: [{ key: '', eventId: order1, partition: 0 }], poisons: [], deadLetters: [] };
    },
  },
  {
    title: 'a cancellation is in another partition than its completion',
    seenBy: ['keyed-by-order'],
    make: ({ state }) => {
      const cancelled = `${order1.slice(0, 14)}8${order1.slice(15)}`;
      const events = [order1, cancelled].map((eventId, partition) => ({ key: order1, eventId, partition }));
      state.topic = { records: events, poisons: [], deadLetters: [] };
    },
  },
  {
    title: 'an event that cannot be counted is not in the dead letters',
    seenBy: ['poison-set-aside'],
    make: ({ state }) => {
      state.topic = { records: [], poisons: ['{}', 'no json'], deadLetters: ['{}'] };
    },
  },
  {
    title: 'more units are sold than existed',
    seenBy: ['no-oversell', 'stock-chain'],
    make: (draft) => {
      const { state } = draft;
      const dear = { quantity: 14, unitPriceKrw: 100 };
      edit(state.orderItems, ofOrder(order4), dear);
      edit(state.orders, ofOrder(order4), {
        subtotalKrw: 1400,
        discountKrw: 1300,
        userCouponId: 'of another day',
      });
      edit(state.statistics, ofProduct(productA), { units: 16, revenueKrw: 1600 });
      for (const op of [o.orderLost, o.orderRetried]) {
        const items = [{ productId: productA, quantity: 14 }];
        editRequest(draft, op, { items, userCouponId: 'of another day' });
      }
      editResponse(draft, o.orderRetried, {
        items: [{ productId: productA, unitPrice: 100, quantity: 14, stockSeq: 4 }],
        subtotal: 1400,
        discount: 1300,
        userCouponId: 'of another day',
      });
      // This coupon was used before the history began.
      state.userCoupons.push({
        userCouponId: 'of another day',
        couponId: 'of another day',
        userId: user2,
        status: 'USED',
        orderId: order4,
        issuedAtMs: createdAtMs - DAY_MS,
      });
      const terms = { ...couponTerms, amountKrw: 1300 };
      const old = { couponId: 'of another day', name: 'Old', quantity: 1, issuedCount: 1, terms };
      state.coupons.push({ ...old, status: 'ACTIVE', version: 1 });
      const [begin] = draft.lines;
      if (begin?.type === 'begin') begin.shop.coupons.push(old);
    },
  },
  {
    title: 'a stock differs from the end of its chain',
    seenBy: ['stock-chain'],
    make: ({ state }) => edit(state.stocks, ofProduct(productA), { quantity: 13 }),
  },
  {
    title: 'two changes of a stock start from the same value',
    seenBy: ['stock-chain', 'real-time-order', 'samples-in-time'],
    make: (draft) => {
      edit(draft.state.orderItems, ofOrder(order4), { stockSeq: 3 });
      editResponse(draft, o.orderRetried, {
        items: [{ productId: productA, unitPrice: 100, quantity: 1, stockSeq: 3 }],
      });
      edit(draft.state.stocks, ofProduct(productA), { stockSeq: 3 });
    },
  },
  {
    title: 'a balance differs from the end of its chain',
    seenBy: ['balance-chain'],
    make: ({ state }) => edit(state.wallets, ofUser(user1), { balanceKrw: 801 }),
  },
  {
    title: 'the ledger has a gap',
    seenBy: ['unasked-for', 'balance-chain'],
    make: (draft) => {
      addToBalance(draft, user2, { kind: 'CHARGE', amountKrw: 1, key: 'nobody' });
      edit(draft.state.wallets, ofUser(user2), { balanceSeq: 9 });
      edit(draft.state.walletEntries, ({ key }) => key === 'nobody', { seq: 9 });
    },
  },
  {
    title: 'a cancellation was refunded twice',
    seenBy: ['unasked-for', 'orders-add-up'],
    make: (draft) =>
      addToBalance(draft, user1, { kind: 'REFUND', amountKrw: 70, key: 'x9', orderId: order2 }),
  },
  {
    title: 'a cancelled order was not restocked',
    seenBy: ['orders-add-up', 'refusals-true', 'samples-in-time'],
    make: ({ state }) => {
      remove(state.stockEntries, ({ kind }) => kind === 'RESTOCK');
      edit(state.stocks, ofProduct(productB), { quantity: 0, stockSeq: 2 });
    },
  },
  {
    title: 'an order costs more than its lines',
    seenBy: ['acknowledged-values', 'orders-add-up'],
    make: ({ state }) => edit(state.orders, ofOrder(order1), { subtotalKrw: 201 }),
  },
  {
    title: 'a product was sold at another price than its own',
    seenBy: ['orders-add-up'],
    make: ({ lines: [begin], state }) => {
      const terms = { ...soundTerms.B, priceKrw: 60 };
      if (begin?.type === 'begin') edit(begin.shop.products, ofProduct(productB), { terms });
      edit(state.products, ofProduct(productB), terms);
    },
  },
  {
    title: 'a later request precedes an acknowledged change in its chain',
    seenBy: ['real-time-order'],
    make: (draft) => {
      edit(draft.lines, ofInvoke(o.adjusted), { atMs: 86 });
      editAnswer(draft, o.adjusted, { atMs: 87 });
    },
  },
  {
    title: 'a response reports fewer units than ever existed',
    seenBy: ['refusals-true'],
    make: (draft) => editResponse(draft, o.neverDoneRetried, { available: 1 }),
  },
  {
    title: 'a response lacks the number of available units',
    seenBy: ['refusals-true'],
    make: (draft) => editResponse(draft, o.neverDoneRetried, { available: undefined }),
  },
  {
    title: 'a response names an unknown product',
    seenBy: ['refusals-true'],
    make: (draft) => editResponse(draft, o.neverDoneRetried, { productId: 'of another shop' }),
  },
  {
    title: 'a response reports an outdated balance',
    seenBy: ['refusals-true'],
    make: (draft) => editResponse(draft, o.insufficient, { balance: 730 }),
  },
  {
    title: 'a coupon is reported as sold out while one remains',
    seenBy: ['refusals-true'],
    make: ({ lines: [begin], state }) => {
      edit(state.coupons, (row) => row.couponId === coupon, { quantity: 2 });
      if (begin?.type === 'begin') edit(begin.shop.coupons, () => true, { quantity: 2 });
    },
  },
  {
    title: 'a user is reported to hold a coupon that they do not hold',
    seenBy: ['refusals-true'],
    make: (draft) => editResponse(draft, o.claimedAgain, { userCouponId: 'another' }),
  },
  {
    title: 'an acknowledged order is reported as unknown',
    seenBy: ['refusals-true'],
    make: (draft) => editAnswer(draft, o.cancelledAgain, { code: 'order_not_found' }),
  },
  {
    title: 'an order that was never cancelled is reported as cancelled',
    seenBy: ['refusals-true'],
    make: (draft) => editRequest(draft, o.cancelledAgain, { orderId: order1 }),
  },
  {
    title: 'a reader gets a balance from before an acknowledged order',
    seenBy: ['reads-true'],
    make: (draft) => editResponse(draft, o.balanceRead, { balance: 500, balanceSeq: 1 }),
  },
  {
    title: 'a reader does not find an acknowledged order',
    seenBy: ['reads-true'],
    make: (draft) => editResponse(draft, o.orderFound, { data: [] }),
  },
  {
    title: 'a coupon is issued and not counted',
    seenBy: ['coupons-add-up'],
    make: ({ state }) => edit(state.coupons, (row) => row.couponId === coupon, { issuedCount: 0 }),
  },
  {
    title: 'one coupon is issued to two users',
    seenBy: ['failed-absent', 'coupons-add-up'],
    make: ({ state }) =>
      state.userCoupons.push({
        userCouponId: 'second',
        couponId: coupon,
        userId: user2,
        status: 'ISSUED',
        orderId: null,
        issuedAtMs: createdAtMs,
      }),
  },
  {
    title: 'the coupon of a cancelled order is not returned',
    seenBy: ['coupons-add-up'],
    make: ({ state }) => edit(state.userCoupons, ofUser(user1), { status: 'USED', orderId: order2 }),
  },
  {
    title: 'an event was never counted',
    seenBy: ['events-counted-once'],
    make: ({ state }) => remove(state.inbox, (eventId) => eventId === order1),
  },
  {
    title: 'an event was never sent',
    seenBy: ['events-counted-once'],
    make: ({ state }) => state.outbox.push(order1),
  },
  {
    title: 'an order that was rolled back was counted',
    seenBy: ['events-counted-once'],
    make: ({ state }) => state.inbox.push('01900000-0000-7000-8000-000000000499'),
  },
  {
    title: 'an order was counted twice',
    seenBy: ['statistics-match-orders'],
    make: ({ state }) => edit(state.statistics, ofProduct(productA), { units: 5, revenueKrw: 500 }),
  },
  {
    title: 'units were missing for a moment',
    seenBy: ['samples-conserve'],
    make: (draft) => edit(firstSample(draft).products, ofProduct(productA), { sold: 1 }),
  },
  {
    title: 'a coupon was used without an order for a moment',
    seenBy: ['samples-conserve'],
    make: (draft) => edit(firstSample(draft).coupons, () => true, { inOrders: 0 }),
  },
  {
    title: 'a snapshot lacks an order that was acknowledged before it',
    seenBy: ['samples-in-time'],
    make: (draft) =>
      edit(firstSample(draft).wallets, ofUser(user1), {
        balanceKrw: 800,
        balanceSeq: 2,
        enteredKrw: 800,
        changes: 2,
      }),
  },
  {
    title: 'a snapshot contains a value that was rolled back',
    seenBy: ['samples-in-time'],
    make: (draft) => edit(firstSample(draft).wallets, ofUser(user2), { balanceKrw: 501, enteredKrw: 501 }),
  },
  {
    title: 'two transactions waited for each other',
    seenBy: ['no-deadlocks'],
    make: ({ state }) => {
      state.deadlocks = 1;
    },
  },
];
