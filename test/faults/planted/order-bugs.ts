import type { PlantedBug } from './planted-bug.ts';

/** Bugs in orders, in cancellations and in the answers about them. */
export const orderBugs: readonly PlantedBug[] = [
  {
    name: 'request-hash-ignored',
    why:
      'Any request under a used key gets the original order: customers believe that they ordered ' +
      'something else.',
    edits: [
      {
        file: 'app/orders/evaluate-orders.ts',
        find: 'const isSame = earlier.requestHash.equals(request.requestHash);',
        replace: 'const isSame = true;',
      },
    ],
  },
  {
    name: 'refused-order-keeps-units',
    why: 'Units are deducted before the balance is checked, and an order without enough balance keeps them.',
    edits: [
      {
        file: 'app/orders/evaluate-orders.ts',
        find: '  const wallet = state.wallets.get(request.userId);\n  if (wallet === undefined)',
        replace:
          '  for (const { productId, stockAfter, stockSeq } of items) {\n    state.stock.set(productId, { quantity: stockAfter, version: stockSeq });\n  }\n  const wallet = state.wallets.get(request.userId);\n  if (wallet === undefined)',
      },
    ],
  },
  {
    name: 'answers-mixed-up',
    why: "The results of a group are assigned in the wrong order: customers get each other's responses.",
    edits: [
      {
        file: 'app/platform/load/batch-lane.ts',
        find: 'const result = results[index] as Result | Error;',
        replace: 'const result = results[results.length - 1 - index] as Result | Error;',
      },
    ],
  },
  {
    name: 'replay-tells-of-now',
    why:
      'A replay of an order that was cancelled later says "cancelled", which differs from the original ' +
      'response.',
    edits: [
      {
        file: 'app/orders/place-orders.ts',
        find: "      return { code: 'placed', order: { ...order, status: 'COMPLETED' }, replayed };\n",
        replace: "      return { code: 'placed', order, replayed };\n",
      },
    ],
  },
  {
    name: 'rejection-without-key',
    why:
      'A rejected order is not looked up by its key: whoever repeats an order after a lost response is told ' +
      'that the product is sold out.',
    edits: [
      {
        file: 'app/orders/place-orders.ts',
        find: '  if (isNew || looksUp) return { snapshot, evaluation, isNew };\n',
        replace: '  if (tx !== undefined) return { snapshot, evaluation, isNew };\n',
      },
      {
        file: 'app/orders/place-orders.ts',
        find: '  const looksUp = keyLookups.takeTurn() || ',
        replace: '  const looksUp = ',
      },
    ],
  },
  {
    name: 'cancel-key-after-status',
    why:
      'The status is checked before the key: a customer who repeats a cancellation after a lost ' +
      'response is rejected.',
    edits: [
      {
        file: 'app/orders/cancel-order.ts',
        find: '  if (earlier !== undefined) {\n',
        replace: "  if (earlier !== undefined && locked?.status === 'COMPLETED') {\n",
      },
    ],
    schedule: ['cut-before-commit', 'cut-during-commit', 'cut-after-commit', 'kill-api'],
  },
  {
    name: 'refund-twice',
    why:
      'Whether an order can be cancelled is read before it is locked, and the outbox ignores a ' +
      'duplicate event: two concurrent cancellations refund and restock twice.',
    edits: [
      {
        file: 'app/orders/cancel-order.ts',
        find: '{ status: locked.status, createdAt',
        replace: '{ status: order.status, createdAt',
      },
      {
        file: 'app/orders/order-sql.ts',
        find: "SET status = 'CANCELLED', cancelled_at = ? WHERE id = ? AND status = 'COMPLETED'\"",
        replace: "SET status = 'CANCELLED', cancelled_at = ? WHERE id = ?\"",
      },
      {
        file: 'app/events/outbox-sql.ts',
        find: '`INSERT INTO outbox',
        replace: '`INSERT IGNORE INTO outbox',
      },
    ],
    schedule: ['slow-mysql-link', 'slow-client-links'],
  },
  {
    name: 'restock-skips-numbers',
    why:
      "A restock raises the stock version by the number of the order's lines: the chain has a gap, as " +
      'if a change were missing.',
    edits: [
      {
        file: 'app/orders/cancel-order.ts',
        find: 'quantity: before.quantity + quantity, version: before.version + 1 }',
        replace: 'quantity: before.quantity + quantity, version: before.version + order.items.length }',
      },
    ],
  },
  {
    name: 'balance-from-memory',
    why:
      'A process caches balances for half a second: a customer who paid at the other process sees the ' +
      'old balance.',
    edits: [
      {
        file: 'app/wallet/wallet-routes.ts',
        find: '  const { database } = dependencies;\n',
        replace:
          '  const { database, nowMs } = dependencies;\n  const known = new Map<string, { wallet: ReturnType<typeof findWallet>; untilMs: number }>();\n',
      },
      {
        file: 'app/wallet/wallet-routes.ts',
        find: '      const wallet = await findWallet(database, caller.userId);\n',
        replace:
          '      const kept = known.get(caller.userId);\n      const found = kept !== undefined && kept.untilMs > nowMs() ? kept.wallet : findWallet(database, caller.userId);\n      if (found !== kept?.wallet) known.set(caller.userId, { wallet: found, untilMs: nowMs() + 500 });\n      const wallet = await found;\n',
      },
    ],
    schedule: ['slow-mysql-link', 'slow-client-links'],
  },
];
