import type { PlantedBug } from './planted-bug.ts';

const versionedRows = 'app/audit/versioned-rows-sql.ts';

/** Writes the values that were read, even if another transaction has changed them since. */
const noVersionCheck = [
  {
    file: versionedRows,
    find: '       WHERE ${key} IN (?) AND version = CASE ${key} ${branches} END`,',
    replace: '       WHERE ${key} IN (?)`,',
  },
  {
    file: versionedRows,
    find: '        ...pairs(({ before }) => before.version),\n',
    replace: '',
  },
];

/** Bugs in locks, in transactions and in the handling of their failures. */
export const lockingBugs: readonly PlantedBug[] = [
  {
    name: 'stock-without-lock',
    why:
      'Stock is read without FOR UPDATE and written without a version check: of a concurrent ' +
      'adjustment and sale, one is lost.',
    edits: [
      {
        file: versionedRows,
        find: 'ORDER BY ${key} FOR UPDATE`',
        replace: "ORDER BY ${key} ${table === 'wallets' ? 'FOR UPDATE' : ''}`",
      },
      ...noVersionCheck,
    ],
    schedule: ['slow-mysql-link', 'slow-client-links'],
  },
  {
    name: 'wallet-without-lock',
    why:
      'Balances are read without FOR UPDATE and written without a version check, and the ledger ' +
      'ignores duplicates: of a concurrent charge and payment, one is lost.',
    edits: [
      {
        file: versionedRows,
        find: 'ORDER BY ${key} FOR UPDATE`',
        replace: "ORDER BY ${key} ${table === 'wallets' ? '' : 'FOR UPDATE'}`",
      },
      {
        file: 'app/wallet/wallet-sql.ts',
        find: '`INSERT INTO wallet_entries',
        replace: '`INSERT IGNORE INTO wallet_entries',
      },
      ...noVersionCheck,
    ],
    schedule: ['slow-mysql-link', 'slow-client-links'],
  },
  {
    name: 'unsorted-locks',
    why:
      'Stock rows are locked one by one in the order of the lines: two orders of the same products ' +
      'deadlock.',
    edits: [
      {
        file: versionedRows,
        find: '[...new Set(ids)].toSorted().map(uuidBytes)',
        replace: "[...new Set(ids)].toSorted(table === 'wallets' ? undefined : () => 0).map(uuidBytes)",
      },
      {
        file: versionedRows,
        find: 'chunksOf(sorted, IDS_MAX).map((chunk) =>\n      tx.read',
        replace: "chunksOf(sorted, table === 'wallets' ? IDS_MAX : 1).map((chunk) =>\n      tx.read",
      },
    ],
    schedule: ['slow-mysql-link', 'slow-client-links'],
  },
  {
    name: 'no-rollback-after-1205',
    why:
      'After a lock conflict the connection is reused without ROLLBACK. A lock wait timeout rolls back ' +
      'only one statement, and the next START TRANSACTION commits the others.',
    edits: [
      {
        file: 'app/platform/mysql/transaction.ts',
        find: "    await lease.query('ROLLBACK', STATEMENT_TIMEOUT_MS);\n",
        replace:
          "    if (databaseFailure(error) !== 'contention') await lease.query('ROLLBACK', STATEMENT_TIMEOUT_MS);\n",
      },
    ],
    schedule: ['forgotten-report'],
  },
  {
    name: 'acknowledge-before-commit',
    why: 'The response is sent while COMMIT is still running: a crash undoes an acknowledged order.',
    edits: [
      {
        file: 'app/platform/mysql/transaction.ts',
        find: "    if (statements.end() === 'open') await commit(lease);\n    lease.release();\n",
        replace:
          "    if (statements.end() === 'open') commit(lease).then(() => lease.release(), () => lease.destroy());\n    else lease.release();\n",
      },
    ],
    schedule: ['cut-before-commit', 'cut-during-commit', 'cut-after-commit', 'kill-api'],
  },
  {
    name: 'key-outside-transaction',
    why:
      'The key of a charge is looked up before its transaction, and the ledger overwrites a duplicate ' +
      'entry: two concurrent copies of a charge count twice.',
    edits: [
      {
        file: 'app/wallet/charge-balance.ts',
        find: '    const earlier = await findChargeByKey(tx, userId, idempotencyKey);\n',
        replace: '',
      },
      {
        file: 'app/wallet/charge-balance.ts',
        find: "  return database.withTransaction({ name: 'charge_balance', rerunnable: true }, async (tx) => {\n",
        replace:
          "  const earlier = await findChargeByKey(database as never, userId, idempotencyKey);\n  return database.withTransaction({ name: 'charge_balance', rerunnable: true }, async (tx) => {\n",
      },
      {
        file: 'app/wallet/wallet-sql.ts',
        find: 'order_id, idempotency_key, request_hash, created_at) VALUES ?`,\n',
        replace:
          'order_id, idempotency_key, request_hash, created_at) VALUES ?\n     ON DUPLICATE KEY UPDATE seq = VALUES(seq), balance_after = VALUES(balance_after)`,\n',
      },
    ],
    schedule: ['slow-mysql-link', 'slow-client-links'],
  },
  {
    name: 'order-key-not-looked-up',
    why:
      'A group that is retried after an unknown COMMIT does not look up its keys: the unique index ' +
      'rejects it forever, and customers never learn that their orders exist.',
    edits: [
      {
        file: 'app/orders/place-orders.ts',
        find: '    looksUp ? findEarlierOrders(tx, requests) : new Map<string, EarlierOrder>(),\n',
        replace: '    new Map<string, EarlierOrder>(),\n',
      },
    ],
    schedule: ['cut-before-commit', 'cut-during-commit', 'cut-after-commit', 'kill-api'],
  },
];
