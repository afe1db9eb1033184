import type { HistoryBreak } from './answer-breaks.ts';
import { attempt, edit, ofProduct, replaceAnswer } from './edit-history.ts';
import { soundIds, soundTerms } from './sound-end-state.ts';
import { type HistoryDraft, soundOps } from './sound-history.ts';

const { productA, productB, admin, createdAtMs } = soundIds;
const EDIT_OP = 400;

/** A time of the day of the sound history; all its orders have the time 0. */
const at = (ms: number) => new Date(createdAtMs + ms).toISOString();

interface SaleTimes {
  readonly saleFrom?: string | null;
  readonly saleUntil?: string | null;
}

/** The product has this sale from the beginning of the history. */
function sellWithin({ lines: [begin], state }: HistoryDraft, productId: string, sale: SaleTimes): void {
  if (begin?.type !== 'begin') throw new Error('the sound history has changed');
  const terms = { ...(productId === productA ? soundTerms.A : soundTerms.B), ...sale };
  edit(begin.shop.products, ofProduct(productId), { terms });
  edit(state.products, ofProduct(productId), terms);
}

/** The order that was out of stock is refused because of its sale. */
function refuseSale(draft: HistoryDraft, response: object): void {
  const op = soundOps.outOfStock;
  const problem = { type: 'fail', status: 409, code: 'sale_not_open' } as const;
  replaceAnswer(draft, op, { ...problem, op, atMs: 60, response: { productId: productB, ...response } });
}

/** At the end, an admin edits product A with an edit that leaves out the end of its sale. */
function editStart(draft: HistoryDraft, saleFrom: string | null, made: SaleTimes | undefined): void {
  const { saleUntil: _, ...terms } = { ...soundTerms.A, saleFrom };
  const response = { id: productA, version: 2, name: 'A', price: 100, status: 'ACTIVE', purchaseLimit: null };
  attempt(
    draft,
    {
      op: EDIT_OP,
      atMs: 97,
      user: admin,
      kind: 'edit-product',
      request: { productId: productA, version: 1, ...terms },
    },
    made === undefined
      ? { type: 'fail', status: 409, code: 'sale_window_empty', atMs: 97.5, response: {} }
      : { type: 'ok', atMs: 97.5, response: { ...response, ...made } },
  );
  if (made !== undefined) edit(draft.state.products, ofProduct(productA), { version: 2, ...made });
}

/** Sales that start with the first order, a refusal after the end of one, and an edit; all correct. */
export function salesWithEdges(draft: HistoryDraft): void {
  sellWithin(draft, productA, { saleFrom: at(0), saleUntil: at(80) });
  sellWithin(draft, productB, { saleUntil: at(1) });
  refuseSale(draft, { reason: 'ended', saleUntil: at(1) });
  editStart(draft, at(0), { saleFrom: at(0), saleUntil: at(80) });
}

/** Faults in the times of sales. */
export const saleBreaks: readonly HistoryBreak[] = [
  {
    title: 'an order was accepted at the end of its sale',
    seenBy: ['orders-add-up'],
    make: (draft) => sellWithin(draft, productA, { saleUntil: at(0) }),
  },
  {
    title: 'an order was accepted before its sale',
    seenBy: ['orders-add-up'],
    make: (draft) => sellWithin(draft, productA, { saleFrom: at(1) }),
  },
  {
    title: 'a sale is reported as ended long before its end',
    seenBy: ['refusals-true'],
    make: (draft) => {
      sellWithin(draft, productB, { saleUntil: at(5000) });
      refuseSale(draft, { reason: 'ended', saleUntil: at(5000) });
    },
  },
  {
    title: 'a sale is reported as not started long after its start',
    seenBy: ['refusals-true'],
    make: (draft) => {
      sellWithin(draft, productB, { saleFrom: at(-5000) });
      refuseSale(draft, { reason: 'not_started', saleFrom: at(-5000) });
    },
  },
  {
    title: 'a rejection states an end that the sale never had',
    seenBy: ['refusals-true'],
    make: (draft) => {
      sellWithin(draft, productB, { saleUntil: at(1) });
      refuseSale(draft, { reason: 'ended', saleUntil: at(2) });
    },
  },
  {
    title: 'an edit that leaves out the end of a sale removes it',
    seenBy: ['edits-follow'],
    make: (draft) => {
      sellWithin(draft, productA, { saleUntil: at(500) });
      editStart(draft, at(0), { saleFrom: at(0), saleUntil: null });
    },
  },
  {
    title: 'an edit is rejected as an empty window although it starts before the end',
    seenBy: ['refusals-true'],
    make: (draft) => {
      sellWithin(draft, productA, { saleUntil: at(500) });
      editStart(draft, at(499), undefined);
    },
  },
];
