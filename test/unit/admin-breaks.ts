import { cancelledEventId } from '../../app/events/order-event.ts';
import { storedAdminKey } from '../faults/check/operations.ts';
import type { CouponBody, CouponFields } from '../faults/history/history-line.ts';
import type { HistoryBreak } from './answer-breaks.ts';
import {
  addToBalance,
  attempt,
  edit,
  editResponse,
  ofOrder,
  ofProduct,
  replaceAnswer,
} from './edit-history.ts';
import { couponTerms, soundIds } from './sound-end-state.ts';
import { type HistoryDraft, soundOps } from './sound-history.ts';

const { productA, user2, admin, coupon, order2, order4, createdAtMs } = soundIds;
const o = soundOps;
const [STOP, EDIT, CREATED_COUPON, CREATED_PRODUCT, ADMIN_CANCEL, LOOK] = [300, 310, 320, 330, 340, 350];
const newCoupon = '01900000-0000-7000-8000-000000000202';
const newProduct = '01900000-0000-7000-8000-00000000000c';

const couponBody: CouponBody & Pick<CouponFields, 'status'> = {
  name: 'Welcome',
  discount: { kind: 'FIXED', amount: 30 },
  quantity: 1,
  minimumOrder: 100,
  validFrom: new Date(couponTerms.validFromMs).toISOString(),
  validUntil: new Date(couponTerms.validUntilMs).toISOString(),
  status: 'ACTIVE',
};

/** An admin stops the coupon at this time, and the coupon stays stopped. */
function stopCoupon(draft: HistoryDraft, atMs: number): void {
  const response = { id: coupon, ...couponBody, status: 'STOPPED' };
  attempt(
    draft,
    { op: STOP, atMs, user: admin, kind: 'stop-coupon', request: { couponId: coupon } },
    { type: 'ok', atMs: atMs + 0.5, response, version: 2 },
  );
  edit(draft.state.coupons, () => true, { status: 'STOPPED', version: 2 });
}

/** An admin edits this version of the coupon at 97 ms; the coupon has the result of the edit. */
function editCoupon(
  draft: HistoryDraft,
  change: Partial<typeof couponBody>,
  { op = EDIT, version = 1 }: { op?: number; version?: number } = {},
): void {
  const edited = { ...couponBody, ...change };
  const atMs = 97 + (op - EDIT) / 10;
  attempt(
    draft,
    { op, atMs, user: admin, kind: 'edit-coupon', request: { couponId: coupon, version, ...edited } },
    {
      type: 'ok',
      atMs: atMs + 0.05,
      response: { id: coupon, left: 0, ...edited },
      version: version + 1,
    },
  );
  const { name, quantity, status } = edited;
  edit(draft.state.coupons, () => true, { name, quantity, status, version: version + 1 });
}

function refuse(draft: HistoryDraft, asked: { kind: string; request: object }, problem: object): void {
  attempt(
    draft,
    { op: LOOK, atMs: 99, user: admin, ...asked },
    { type: 'fail', status: 409, atMs: 99.5, ...problem },
  );
}

function createCoupon({ state, ...draft }: HistoryDraft): void {
  const { status: _, ...request } = couponBody;
  attempt(
    { state, ...draft },
    { op: CREATED_COUPON, atMs: 97, user: admin, kind: 'create-coupon', request },
    { type: 'ok', status: 201, atMs: 97.5, response: { id: newCoupon, ...couponBody }, version: 1 },
  );
  const { name, quantity, status } = couponBody;
  state.coupons.push({
    couponId: newCoupon,
    name,
    quantity,
    status,
    issuedCount: 0,
    version: 1,
    terms: couponTerms,
  });
  const reply = { userId: admin, operation: 'POST /admin/coupons', key: `own ${CREATED_COUPON}` };
  state.replies.push({ ...reply, createdId: newCoupon });
}

function createProduct({ state, ...draft }: HistoryDraft): void {
  const request = { name: 'C', description: '', price: 20, stock: 4, purchaseLimit: null };
  attempt(
    { state, ...draft },
    { op: CREATED_PRODUCT, atMs: 97, user: admin, kind: 'create-product', request },
    { type: 'ok', status: 201, atMs: 97.5, response: { id: newProduct, ...request }, version: 1 },
  );
  const productId = newProduct;
  state.products.push({
    productId,
    version: 1,
    name: 'C',
    priceKrw: 20,
    status: 'ACTIVE',
    purchaseLimit: null,
    saleFrom: null,
    saleUntil: null,
  });
  state.stocks.push({ productId, quantity: 4, stockSeq: 1 });
  const opening = { productId, seq: 1, kind: 'OPENING', delta: 4, quantityAfter: 4 } as const;
  state.stockEntries.push({ ...opening, orderId: null, key: null, reason: 'opening stock' });
  const reply = { userId: admin, operation: 'POST /admin/products', key: `own ${CREATED_PRODUCT}` };
  state.replies.push({ ...reply, createdId: productId });
}

/** An admin cancels the second user's order when the user may no longer cancel it. */
function cancelByAdmin(draft: HistoryDraft): void {
  const { state } = draft;
  attempt(
    draft,
    {
      op: ADMIN_CANCEL,
      atMs: 97,
      user: admin,
      kind: 'admin-cancel',
      request: { orderId: order4, reason: 'lost' },
    },
    {
      type: 'ok',
      atMs: 98,
      response: { id: order4, status: 'CANCELLED', refund: 100, balanceAfter: 500, balanceSeq: 3 },
    },
  );
  edit(state.orders, ofOrder(order4), { status: 'CANCELLED', cancelledAtMs: createdAtMs + 57 });
  addToBalance(draft, user2, {
    kind: 'REFUND',
    amountKrw: 100,
    orderId: order4,
    key: storedAdminKey(admin, `own ${ADMIN_CANCEL}`),
  });
  const restock = { productId: productA, seq: 5, kind: 'RESTOCK', delta: 1, quantityAfter: 13 } as const;
  const reason = 'cancelled by an admin: lost';
  state.stockEntries.push({ ...restock, orderId: order4, key: null, reason });
  edit(state.stocks, ofProduct(productA), { quantity: 13, stockSeq: 5 });
  state.inbox.push(cancelledEventId(order4));
  edit(state.statistics, ofProduct(productA), { units: 2, revenueKrw: 200 });
}

/** Edits, creations and a cancellation by admins, all of them correct. */
export function adminsAtWork(draft: HistoryDraft): void {
  editCoupon(draft, { name: 'Hello', quantity: 2, status: 'STOPPED' });
  editCoupon(draft, { name: 'Hello', quantity: 2 }, { op: EDIT + 1, version: 2 });
  createCoupon(draft);
  createProduct(draft);
  cancelByAdmin(draft);
  // This request is refused because its key was used with another reason, long after the cancellation.
  attempt(
    draft,
    {
      op: ADMIN_CANCEL + 1,
      atMs: 98.5,
      user: admin,
      kind: 'admin-cancel',
      key: `own ${ADMIN_CANCEL}`,
      request: { orderId: order4, reason: 'broken' },
    },
    { type: 'fail', status: 422, code: 'idempotency_key_reused', atMs: 99, response: {} },
  );
}

/** Faults in stops, edits, the cancellation window and admin creates. */
export const adminBreaks: readonly HistoryBreak[] = [
  {
    title: 'a coupon was claimed and used after it had been stopped',
    seenBy: ['orders-add-up', 'times-true'],
    make: (draft) => stopCoupon(draft, 35),
  },
  {
    title: 'a stopped coupon is still issued',
    seenBy: ['coupon-edits-follow'],
    make: (draft) => {
      stopCoupon(draft, 97);
      edit(draft.state.coupons, () => true, { status: 'ACTIVE' });
    },
  },
  {
    title: 'an edit worsens the terms of issued coupons',
    seenBy: ['coupon-edits-follow'],
    make: (draft) => {
      editCoupon(draft, { discount: { kind: 'FIXED', amount: 20 } });
      edit(draft.state.coupons, () => true, { terms: { ...couponTerms, amountKrw: 20 } });
    },
  },
  {
    title: 'two edits of one version of a coupon were both applied',
    seenBy: ['coupon-edits-follow'],
    make: (draft) => {
      editCoupon(draft, { name: 'Hello' });
      editCoupon(draft, { name: 'Again' }, { op: EDIT + 1 });
    },
  },
  {
    title: 'a coupon has a version that no edit created',
    seenBy: ['coupon-edits-follow'],
    make: ({ state }) => edit(state.coupons, () => true, { version: 2 }),
  },
  {
    title: 'an active coupon is reported as stopped',
    seenBy: ['refusals-true'],
    make: (draft) => {
      const op = o.claimedAgain;
      const [code, response] = ['coupon_not_usable', { reason: 'stopped' }];
      replaceAnswer(draft, op, { type: 'fail', op, atMs: 95, status: 409, code, response });
    },
  },
  {
    title: 'an edit is rejected although it worsens no issued coupon',
    seenBy: ['refusals-true'],
    make: (draft) =>
      refuse(
        draft,
        { kind: 'edit-coupon', request: { couponId: coupon, version: 1, ...couponBody, name: 'Hello' } },
        { code: 'coupon_not_editable', response: { reason: 'terms_fixed', fields: ['discount'] } },
      ),
  },
  {
    title: 'an edit is rejected because of more coupons than were issued',
    seenBy: ['refusals-true'],
    make: (draft) =>
      refuse(
        draft,
        { kind: 'edit-coupon', request: { couponId: coupon, version: 1, ...couponBody } },
        { code: 'coupon_not_editable', response: { reason: 'quantity_below_issued', issued: 2 } },
      ),
  },
  {
    title: 'a customer cancelled an order after the window',
    seenBy: ['times-true'],
    make: ({ lines: [begin] }) => {
      if (begin?.type === 'begin') begin.shop.cancelWindowMs = 20;
    },
  },
  {
    title: "a customer's cancellation is rejected before the end of the window",
    seenBy: ['refusals-true'],
    make: (draft) => {
      const cancellableUntil = new Date(createdAtMs + 5000).toISOString();
      editResponse(draft, o.cancelledAgain, { reason: 'window_over', cancellableUntil });
    },
  },
  {
    title: "an admin's cancellation is rejected because of the window",
    seenBy: ['refusals-true'],
    make: (draft) => {
      const response = {
        reason: 'window_over',
        cancellableUntil: new Date(createdAtMs + 10).toISOString(),
      };
      const request = { orderId: order2, reason: 'lost' };
      refuse(draft, { kind: 'admin-cancel', request }, { code: 'order_not_cancellable', response });
    },
  },
  {
    title: "an admin's cancellation has the reason of another request under its key",
    seenBy: ['as-asked'],
    make: (draft) => {
      cancelByAdmin(draft);
      const isRestock = (row: { orderId: string | null }) => row.orderId === order4;
      edit(draft.state.stockEntries, isRestock, { reason: 'cancelled by an admin: broken' });
    },
  },
  {
    title: 'a created coupon is missing',
    seenBy: ['acknowledged-present'],
    make: (draft) => {
      createCoupon(draft);
      draft.state.coupons.pop();
    },
  },
  {
    title: 'one request created two coupons',
    seenBy: ['unasked-for'],
    make: (draft) => {
      createCoupon(draft);
      const [first] = draft.state.coupons;
      draft.state.coupons.push({
        ...structuredClone(first as typeof first & object),
        couponId: 'a second one',
        issuedCount: 0,
      });
    },
  },
  {
    title: 'a product was created with another stock than requested',
    seenBy: ['as-asked'],
    make: (draft) => {
      createProduct(draft);
      edit(draft.state.stocks, ofProduct(newProduct), { quantity: 5 });
      const isOpening = (row: { productId: string }) => row.productId === newProduct;
      edit(draft.state.stockEntries, isOpening, { delta: 5, quantityAfter: 5 });
    },
  },
];
