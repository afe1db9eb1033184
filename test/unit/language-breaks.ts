import type { HistoryBreak } from './answer-breaks.ts';
import {
  attempt,
  edit,
  editRequest,
  editResponse,
  lastSample,
  ofOrder,
  ofProduct,
  replaceAnswer,
} from './edit-history.ts';
import { soundIds, soundTerms } from './sound-end-state.ts';
import { type HistoryDraft, soundOps } from './sound-history.ts';

const { productA, productB, user1, admin, order1, createdAtMs } = soundIds;
const o = soundOps;
const CART_OP = 100;
const EDIT_OP = 200;

function fillCart(
  draft: HistoryDraft,
  units: number,
  [fromMs, toMs]: readonly [number, number],
  op = CART_OP,
): void {
  attempt(
    draft,
    {
      op,
      atMs: fromMs,
      user: user1,
      kind: 'set-cart-line',
      request: { productId: productA, quantity: units },
    },
    { type: 'ok', atMs: toMs, response: {} },
  );
}

/**
 * Turns the sound history's first order into an order from a cart that holds this many units of product A.
 */
export function orderFromCart(draft: HistoryDraft, units = 2): void {
  fillCart(draft, units, [5, 6]);
  for (const op of [o.ordered, o.orderReplayed]) editRequest(draft, op, { fromCart: true });
}

const editedAnswer = {
  id: productA,
  name: 'A',
  status: 'ACTIVE',
  purchaseLimit: null,
  saleFrom: null,
  saleUntil: null,
};

/**
 * At the end of the sound history, an admin raises product A's price and reads it; another edit was too late.
 */
export function editedProduct(draft: HistoryDraft): void {
  const dearer = { ...soundTerms.A, priceKrw: 110 };
  const request = { productId: productA, version: 1, ...dearer };
  const response = { ...editedAnswer, version: 2, price: 110 };
  const asked = { user: admin, kind: 'edit-product', request };
  attempt(draft, { ...asked, op: EDIT_OP, atMs: 97 }, { type: 'ok', atMs: 97.5, response });
  const late = { ...asked, request: { ...request, priceKrw: 111 } };
  const problem = { type: 'fail', status: 412, code: 'precondition_failed', response: {} };
  attempt(draft, { ...late, op: EDIT_OP + 1, atMs: 98 }, { ...problem, atMs: 98.2 });
  const look = { user: admin, kind: 'read-product', request: { productId: productA } };
  attempt(draft, { ...look, op: EDIT_OP + 2, atMs: 98.5 }, { type: 'ok', atMs: 99, response });
  edit(draft.state.products, ofProduct(productA), { version: 2, ...dearer });
}

/** Faults in prices, limits, carts and times: the values that the checker computes with a separate model. */
export const languageBreaks: readonly HistoryBreak[] = [
  {
    title: "a coupon's discount differs from its terms",
    seenBy: ['orders-add-up'],
    make: ({ lines: [begin] }) => {
      if (begin?.type === 'begin') for (const { terms } of begin.shop.coupons) terms.amountKrw = 31;
    },
  },
  {
    title: 'a share of a subtotal is rounded up',
    seenBy: ['orders-add-up'],
    make: ({ lines: [begin] }) => {
      if (begin?.type !== 'begin') return;
      // 29.5 % of 100 are 29 KRW, and 30 were taken off.
      const share = { kind: 'PERCENT', percent: 29.5, amountKrw: 300 } as const;
      for (const { terms } of begin.shop.coupons) Object.assign(terms, share);
    },
  },
  {
    title: 'a coupon was used below its minimum',
    seenBy: ['orders-add-up'],
    make: ({ lines: [begin] }) => {
      if (begin?.type === 'begin') for (const { terms } of begin.shop.coupons) terms.minimumOrderKrw = 101;
    },
  },
  {
    title: 'a coupon was claimed and used after its end',
    seenBy: ['orders-add-up', 'times-true'],
    make: ({ lines: [begin] }) => {
      if (begin?.type === 'begin')
        for (const { terms } of begin.shop.coupons) terms.validUntilMs = createdAtMs;
    },
  },
  {
    title: 'an order is dated outside the interval of its request',
    seenBy: ['acknowledged-values', 'times-true', 'statistics-match-orders'],
    make: ({ state }) => edit(state.orders, ofOrder(order1), { createdAtMs: createdAtMs - 2 * 3_600_000 }),
  },
  {
    title: 'a customer has more of a product than its limit',
    seenBy: ['limits-hold'],
    make: ({ lines: [begin], state }) => {
      const terms = { ...soundTerms.A, purchaseLimit: 1 };
      if (begin?.type === 'begin') edit(begin.shop.products, ofProduct(productA), { terms });
      edit(state.products, ofProduct(productA), terms);
    },
  },
  {
    title: 'a cancelled order counts towards a limit',
    seenBy: ['refusals-true'],
    make: (draft) => {
      const op = o.neverDoneRetried;
      const response = { productId: productB, limit: 3, held: 2 };
      replaceAnswer(draft, op, {
        type: 'fail',
        op,
        atMs: 93,
        status: 409,
        code: 'purchase_limit_exceeded',
        response,
      });
    },
  },
  {
    title: 'an order contains more than the cart did',
    seenBy: ['carts-hold'],
    make: (draft) => orderFromCart(draft, 1),
  },
  {
    title: 'two orders contain the same cart lines',
    seenBy: ['carts-hold'],
    make: (draft) => {
      orderFromCart(draft);
      // This customer's second order has product B; product A is still in the cart.
      editRequest(draft, o.orderedWithCoupon, {
        fromCart: true,
        userCouponId: soundIds.coupon1,
        expectedTotal: 70,
      });
      fillCart(draft, 2, [46, 47], CART_OP + 1);
    },
  },
  {
    title: 'a cart still contains what was ordered from it',
    seenBy: ['carts-hold'],
    make: (draft) => {
      orderFromCart(draft);
      const response = { lines: [{ productId: productA, quantity: 2 }] };
      attempt(
        draft,
        { op: CART_OP + 1, atMs: 46, user: user1, kind: 'read-cart', request: {} },
        { type: 'ok', atMs: 47, response },
      );
    },
  },
  {
    title: 'two edits of one version were both applied',
    seenBy: ['edits-follow'],
    make: (draft) => {
      editedProduct(draft);
      const response = { ...editedAnswer, version: 2, price: 111 };
      const op = EDIT_OP + 1;
      replaceAnswer(draft, op, { type: 'ok', op, atMs: 98.2, status: 200, response, replayed: false });
    },
  },
  {
    title: 'an acknowledged edit is missing',
    seenBy: ['edits-follow'],
    make: (draft) => {
      editedProduct(draft);
      edit(draft.state.products, ofProduct(productA), { priceKrw: 100 });
    },
  },
  {
    title: 'a product has a version that no edit created',
    seenBy: ['edits-follow'],
    make: (draft) => {
      edit(lastSample(draft).products, ofProduct(productB), { version: 2 });
      edit(draft.state.products, ofProduct(productB), { version: 2 });
    },
  },
  {
    title: 'an edit is rejected although it names the latest version',
    seenBy: ['refusals-true'],
    make: (draft) => {
      const request = { productId: productA, version: 1, ...soundTerms.A };
      const problem = { type: 'fail', status: 412, code: 'precondition_failed', response: {} };
      const asked = { op: EDIT_OP, atMs: 97, user: admin, kind: 'edit-product', request };
      attempt(draft, asked, { ...problem, atMs: 98 });
    },
  },
  {
    title: 'an order is rejected with a total that no price explains',
    seenBy: ['refusals-true'],
    make: (draft) => editResponse(draft, o.insufficient, { total: 901 }),
  },
  {
    title: 'an order is rejected for insufficient balance although the balance covers it',
    seenBy: ['refusals-true'],
    make: (draft) => {
      editRequest(draft, o.insufficient, { items: [{ productId: productA, quantity: 8 }] });
      editResponse(draft, o.insufficient, { total: 800 });
    },
  },
  {
    title: 'only the last of two lines of a product counts when units are short',
    seenBy: ['refusals-true'],
    make: (draft) => {
      const items = [
        { productId: productB, quantity: 3 },
        { productId: productB, quantity: 3 },
      ];
      for (const op of [o.neverDone, o.neverDoneRetried]) editRequest(draft, op, { items });
    },
  },
  {
    title: 'a product on sale is reported as unknown',
    seenBy: ['refusals-true'],
    make: (draft) => {
      const op = o.neverDoneRetried;
      const response = { productId: productB };
      replaceAnswer(draft, op, {
        type: 'fail',
        op,
        atMs: 93,
        status: 404,
        code: 'product_not_found',
        response,
      });
    },
  },
  {
    title: 'a valid coupon is reported as expired',
    seenBy: ['refusals-true'],
    make: (draft) => {
      const op = o.claimedAgain;
      const [begin] = draft.lines;
      if (begin?.type === 'begin') for (const { terms } of begin.shop.coupons) terms.validUntilMs += 5000;
      const response = { reason: 'expired' };
      replaceAnswer(draft, op, {
        type: 'fail',
        op,
        atMs: 95,
        status: 409,
        code: 'coupon_not_usable',
        response,
      });
    },
  },
];
