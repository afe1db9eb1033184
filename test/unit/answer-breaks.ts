import type { RuleName } from '../faults/check/check-history.ts';
import {
  ofProduct,
  ofUser,
  ofOrder,
  ofInvoke,
  edit,
  remove,
  invokeOf,
  lastSample,
  answerOf,
  replaceAnswer,
  editAnswer,
  editResponse,
  editRequest,
  addToBalance,
} from './edit-history.ts';
import { soundIds } from './sound-end-state.ts';
import { type HistoryDraft, soundOps } from './sound-history.ts';

/** A single fault in an otherwise sound history. */
export interface HistoryBreak {
  readonly title: string;
  /** Rules that detect the fault, in the order of the rules. */
  readonly seenBy: readonly RuleName[];
  readonly make: (draft: HistoryDraft) => void;
}

const { productA, productB, user2, order1, order4 } = soundIds;
const o = soundOps;

/** Faults in what clients receive: answers, keys and refusals. */
export const answerBreaks: readonly HistoryBreak[] = [
  {
    title: 'a response without a request',
    seenBy: ['well-formed'],
    make: ({ lines }) => lines.splice(1, 1),
  },
  {
    title: 'two responses to one attempt',
    seenBy: ['well-formed'],
    make: ({ lines }) => lines.splice(4, 0, { type: 'unknown', op: o.ordered, atMs: 21, why: 'timeout' }),
  },
  {
    title: 'an incomplete history',
    seenBy: ['well-formed'],
    make: ({ lines }) => lines.pop(),
  },
  {
    title: 'a charge was never completed',
    seenBy: ['settled'],
    make: (draft) => {
      const op = o.chargeRetried;
      replaceAnswer(draft, op, { type: 'unknown', op, atMs: 65, why: '500 internal_error' });
    },
  },
  {
    title: 'the newest acknowledged order is missing, with all its rows',
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
    title: 'an acknowledged order is stored under another key',
    seenBy: ['acknowledged-present', 'unasked-for', 'reads-true'],
    make: ({ state }) => edit(state.orders, ofOrder(order1), { key: 'k9' }),
  },
  {
    title: 'an adjustment left another stock than was acknowledged',
    seenBy: ['acknowledged-values'],
    make: (draft) => editResponse(draft, o.adjusted, { stock: 14 }),
  },
  {
    title: 'a retried charge was applied twice',
    seenBy: ['key-at-most-once', 'real-time-order', 'reads-true', 'samples-in-time'],
    make: (draft) => addToBalance(draft, user2, { kind: 'CHARGE', amountKrw: 500, key: 'c1' }),
  },
  {
    title: 'an order exists although every attempt was rejected',
    seenBy: ['failed-absent'],
    make: (draft) => {
      for (const op of [o.orderLost, o.orderRetried]) {
        replaceAnswer(draft, op, { type: 'fail', op, atMs: 85, status: 403, code: 'forbidden' });
      }
    },
  },
  {
    title: 'an order differs from its request',
    seenBy: ['as-asked'],
    make: (draft) => {
      for (const op of [o.ordered, o.orderReplayed]) {
        editRequest(draft, op, { items: [{ productId: productA, quantity: 3 }] });
      }
    },
  },
  {
    title: 'an order whose response was lost differs from its request',
    seenBy: ['as-asked'],
    make: (draft) => {
      replaceAnswer(draft, o.orderRetried, { type: 'unknown', op: o.orderRetried, atMs: 85, why: 'timeout' });
      for (const op of [o.orderLost, o.orderRetried]) {
        editRequest(draft, op, { items: [{ productId: productB, quantity: 1 }] });
      }
    },
  },
  {
    title: 'a charge without a request',
    seenBy: ['unasked-for'],
    make: (draft) => addToBalance(draft, user2, { kind: 'CHARGE', amountKrw: 1, key: 'nobody' }),
  },
  {
    title: 'a replayed response is not marked as a replay',
    seenBy: ['replays-identical'],
    make: (draft) => editAnswer(draft, o.orderReplayed, { replayed: false }),
  },
  {
    title: 'a first response is marked as a replay',
    seenBy: ['replays-identical'],
    make: (draft) => editAnswer(draft, o.ordered, { replayed: true }),
  },
  {
    title: 'a replay differs from the first response',
    seenBy: ['acknowledged-values', 'replays-identical'],
    make: (draft) => editResponse(draft, o.orderReplayed, { status: 'CANCELLED' }),
  },
  {
    title: 'an acknowledged request is rejected when it is repeated',
    seenBy: ['replays-identical', 'known-not-refused'],
    make: (draft) => {
      const op = o.orderReplayed;
      replaceAnswer(draft, op, { type: 'fail', op, atMs: 30, status: 403, code: 'forbidden' });
    },
  },
  {
    title: 'a lost response: the repeated order is rejected although a reader saw it',
    seenBy: ['known-not-refused'],
    make: (draft) => {
      const op = o.orderRetried;
      replaceAnswer(draft, op, { type: 'fail', op, atMs: 85, status: 403, code: 'forbidden' });
      const sample = structuredClone(lastSample(draft));
      draft.lines.splice(draft.lines.indexOf(invokeOf(draft, op)), 0, { ...sample, fromMs: 76, atMs: 78 });
    },
  },
  {
    title: 'a lost response: the repeated order is rejected although the balance shows it',
    seenBy: ['known-not-refused'],
    make: (draft) => {
      const { lines } = draft;
      const retried = [invokeOf(draft, o.orderRetried), answerOf(draft, o.orderRetried)];
      lines.splice(lines.indexOf(invokeOf(draft, o.orderRetried)), 2);
      lines.splice(lines.indexOf(answerOf(draft, o.balanceRead)) + 1, 0, ...retried);
      edit(lines, ofInvoke(o.orderRetried), { atMs: 89.2 });
      const op = o.orderRetried;
      replaceAnswer(draft, op, { type: 'fail', op, atMs: 89.4, status: 403, code: 'forbidden' });
    },
  },
  {
    title: 'another request under a used key gets the first order',
    seenBy: ['other-body-refused'],
    make: (draft) => {
      const op = o.otherBody;
      const { response } = answerOf(draft, o.orderRetried) as { response: unknown };
      replaceAnswer(draft, op, { type: 'ok', op, atMs: 88, status: 200, response, replayed: true });
    },
  },
  {
    title: 'a repeated request is treated as another one under the same key',
    seenBy: ['replays-identical', 'other-body-refused'],
    make: (draft) =>
      edit(draft.lines, ofInvoke(o.otherBody), { bodyHash: invokeOf(draft, o.orderLost).bodyHash }),
  },
];
