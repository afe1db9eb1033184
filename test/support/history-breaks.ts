import type { RuleName } from '../faults/check/check-history.ts';
import {
  ofProduct,
  ofUser,
  ofOrder,
  ofInvoke,
  edit,
  remove,
  invokeOf,
  answerOf,
  replaceAnswer,
  editAnswer,
  editResponse,
  editRequest,
  firstSample,
  addToBalance,
} from './edit-history.ts';
import { soundIds } from './sound-end-state.ts';
import { type HistoryDraft, soundOps } from './sound-history.ts';

/** One thing wrong with an otherwise sound history. */
export interface HistoryBreak {
  readonly title: string;
  /** Who notices, in the order of the rules. */
  readonly seenBy: readonly RuleName[];
  readonly make: (draft: HistoryDraft) => void;
}

const { productA, productB, user1, user2, coupon, order1, order2, order4 } = soundIds;
const o = soundOps;

export const historyBreaks: readonly HistoryBreak[] = [
  {
    title: 'an answer to nothing',
    seenBy: ['well-formed'],
    make: ({ lines }) => lines.splice(1, 1),
  },
  {
    title: 'two answers to one attempt',
    seenBy: ['well-formed'],
    make: ({ lines }) => lines.splice(4, 0, { type: 'unknown', op: o.ordered, atMs: 21, why: 'timeout' }),
  },
  {
    title: 'a history that was cut off',
    seenBy: ['well-formed'],
    make: ({ lines }) => lines.pop(),
  },
  {
    title: 'the newest acknowledged order is gone, with all that it left',
    seenBy: ['acknowledged-present', 'reads-true', 'samples-in-time'],
    make: ({ state }) => {
      remove(state.orders, ({ orderId }) => orderId === order4);
      remove(state.orderItems, ({ orderId }) => orderId === order4);
      remove(state.walletEntries, ({ orderId }) => orderId === order4);
      remove(state.inbox, (eventId) => eventId === order4);
      edit(state.stocks, ofProduct(productA), { quantity: 13, stockSeq: 3 });
      edit(state.wallets, ofUser(user2), { balanceKrw: 500, balanceSeq: 1 });
      edit(state.statistics, ofProduct(productA), { units: 2, revenueKrw: 200 });
    },
  },
  {
    title: 'an acknowledged order stands under another key',
    seenBy: ['acknowledged-present', 'unasked-for', 'reads-true'],
    make: ({ state }) => edit(state.orders, ofOrder(order1), { key: 'k9' }),
  },
  {
    title: 'an adjustment left another stock than was acknowledged',
    seenBy: ['acknowledged-values'],
    make: (draft) => editResponse(draft, o.adjusted, { stock: 14 }),
  },
  {
    title: 'a charge was retried and is there twice',
    seenBy: ['key-at-most-once', 'real-time-order', 'reads-true', 'samples-in-time'],
    make: (draft) => addToBalance(draft, user2, { kind: 'CHARGE', amountKrw: 500, key: 'c1' }),
  },
  {
    title: 'an order was refused each time, and is there',
    seenBy: ['failed-absent'],
    make: (draft) => {
      for (const op of [o.orderLost, o.orderRetried]) {
        replaceAnswer(draft, op, { type: 'fail', op, atMs: 85, status: 409, code: 'price_changed' });
      }
    },
  },
  {
    title: 'an order is not the one that was asked for',
    seenBy: ['as-asked'],
    make: (draft) => {
      for (const op of [o.ordered, o.orderReplayed]) {
        editRequest(draft, op, { items: [{ productId: productA, quantity: 3 }] });
      }
    },
  },
  {
    title: 'an order whose answer was lost is not the one that was asked for',
    seenBy: ['as-asked'],
    make: (draft) => {
      replaceAnswer(draft, o.orderRetried, { type: 'unknown', op: o.orderRetried, atMs: 85, why: 'timeout' });
      remove(draft.lines, (line) => 'op' in line && line.op === o.otherBody);
      for (const op of [o.orderLost, o.orderRetried]) {
        editRequest(draft, op, { items: [{ productId: productB, quantity: 1 }] });
      }
    },
  },
  {
    title: 'a charge that nobody made',
    seenBy: ['unasked-for'],
    make: (draft) => addToBalance(draft, user2, { kind: 'CHARGE', amountKrw: 1, key: 'nobody' }),
  },
  {
    title: 'a second answer is called the first one as well',
    seenBy: ['replays-identical'],
    make: (draft) => editAnswer(draft, o.orderReplayed, { replayed: false }),
  },
  {
    title: 'a first answer is called a replay',
    seenBy: ['replays-identical'],
    make: (draft) => editAnswer(draft, o.ordered, { replayed: true }),
  },
  {
    title: 'a replay differs from the first answer',
    seenBy: ['acknowledged-values', 'replays-identical'],
    make: (draft) => editResponse(draft, o.orderReplayed, { status: 'CANCELLED' }),
  },
  {
    title: 'another request under a used key is answered with the order of the first one',
    seenBy: ['other-body-refused'],
    make: (draft) => {
      const op = o.otherBody;
      const { response } = answerOf(draft, o.orderRetried) as { response: unknown };
      replaceAnswer(draft, op, { type: 'ok', op, atMs: 88, status: 200, response, replayed: true });
    },
  },
  {
    title: 'the same request sent again is called another one',
    seenBy: ['other-body-refused'],
    make: (draft) =>
      edit(draft.lines, ofInvoke(o.otherBody), { bodyHash: invokeOf(draft, o.orderLost).bodyHash }),
  },
  {
    title: 'more units are sold than there were',
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
      // Used before this history began.
      state.userCoupons.push({
        userCouponId: 'of another day',
        couponId: 'of another day',
        userId: user2,
        status: 'USED',
        orderId: order4,
      });
      const old = { couponId: 'of another day', quantity: 1, issuedCount: 1 };
      state.coupons.push(old);
      const [begin] = draft.lines;
      if (begin?.type === 'begin') begin.shop.coupons.push({ ...old });
    },
  },
  {
    title: 'a stock is not what its chain leads to',
    seenBy: ['stock-chain'],
    make: ({ state }) => edit(state.stocks, ofProduct(productA), { quantity: 13 }),
  },
  {
    title: 'two changes of a stock were made of the same value',
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
    title: 'a balance is not what its chain leads to',
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
    title: 'a sale stands behind one that was asked for after its acknowledgement',
    seenBy: ['real-time-order'],
    make: (draft) => {
      edit(draft.lines, ofInvoke(o.adjusted), { atMs: 86 });
      editAnswer(draft, o.adjusted, { atMs: 87 });
    },
  },
  {
    title: 'a buyer is told of fewer units than there ever were',
    seenBy: ['refusals-true'],
    make: (draft) => editResponse(draft, o.neverDoneRetried, { available: 1 }),
  },
  {
    title: 'a buyer is told of a balance that was out of date',
    seenBy: ['refusals-true'],
    make: (draft) => editResponse(draft, o.insufficient, { balance: 730 }),
  },
  {
    title: 'a coupon is called sold out while one is left',
    seenBy: ['refusals-true'],
    make: ({ state }) => edit(state.coupons, (row) => row.couponId === coupon, { quantity: 2 }),
  },
  {
    title: 'a user is said to have a coupon that he does not have',
    seenBy: ['refusals-true'],
    make: (draft) => editResponse(draft, o.claimedAgain, { userCouponId: 'another' }),
  },
  {
    title: 'an order that was acknowledged is called unknown',
    seenBy: ['refusals-true'],
    make: (draft) => editAnswer(draft, o.cancelledAgain, { code: 'order_not_found' }),
  },
  {
    title: 'an order is called cancelled that never was',
    seenBy: ['refusals-true'],
    make: (draft) => editRequest(draft, o.cancelledAgain, { orderId: order1 }),
  },
  {
    title: 'a reader gets a balance from before an acknowledged order',
    seenBy: ['reads-true'],
    make: (draft) => editResponse(draft, o.balanceRead, { balance: 500, balanceSeq: 1 }),
  },
  {
    title: 'a reader does not find an order that was acknowledged',
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
      }),
  },
  {
    title: 'the coupon of a cancelled order is not given back',
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
    title: 'a snapshot has a value that was taken back',
    seenBy: ['samples-in-time'],
    make: (draft) => edit(firstSample(draft).wallets, ofUser(user2), { balanceKrw: 501, enteredKrw: 501 }),
  },
];
