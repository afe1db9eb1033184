import type { Database, Read, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import { lockVersionedRows, updateVersionedRows } from '../audit/versioned-rows-sql.ts';

export interface Wallet {
  readonly userId: string;
  /** Whole KRW, never negative. */
  readonly balanceKrw: number;
  /** Number of changes so far, which is the seq of the latest ledger entry. */
  readonly version: number;
}

export interface WalletEntry {
  readonly userId: string;
  readonly seq: number;
  readonly kind: 'CHARGE' | 'PAYMENT' | 'REFUND' | 'ADJUSTMENT';
  /** Signed. */
  readonly amountKrw: number;
  readonly balanceAfterKrw: number;
  readonly orderId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly requestHash?: Buffer | undefined;
  readonly createdAt: Date;
}

export interface Charge {
  readonly amountKrw: number;
  readonly balanceAfterKrw: number;
  readonly balanceSeq: number;
  readonly createdAt: Date;
}

interface WalletEntryRow {
  seq: number;
  kind: WalletEntry['kind'];
  amount: number;
  balance_after: number;
  order_id: Buffer | null;
  request_hash: Buffer | null;
  created_at: Date;
}

const WALLET_ENTRY_COLUMNS = 'seq, kind, amount, balance_after, order_id, request_hash, created_at';

export async function openWallet(tx: Transaction, userId: string): Promise<void> {
  await tx.write('INSERT INTO wallets (user_id, balance, version) VALUES (?, 0, 0)', [uuidBytes(userId)]);
}

const walletTable = { table: 'wallets', key: 'user_id', value: 'balance' };

/** Locks and reads the wallets of these users; see `lockVersionedRows` for the guarantees. */
export async function lockWallets(tx: Transaction, userIds: readonly string[]): Promise<Map<string, Wallet>> {
  const rows = await lockVersionedRows(tx, walletTable, userIds);
  return new Map(rows.map(({ id, value, version }) => [id, { userId: id, balanceKrw: value, version }]));
}

/** Sets locked wallets to their new balance and version; see `updateVersionedRows` for the guarantees. */
export async function updateWallets(
  tx: Transaction,
  changes: readonly { readonly before: Wallet; readonly after: Wallet }[],
): Promise<void> {
  const row = ({ userId, balanceKrw, version }: Wallet) => ({ id: userId, value: balanceKrw, version });
  await updateVersionedRows(
    tx,
    walletTable,
    changes.map(({ before, after }) => ({ before: row(before), after: row(after) })),
  );
}

export async function insertWalletEntries(tx: Transaction, entries: readonly WalletEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.write(
    `INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after,
       order_id, idempotency_key, request_hash, created_at) VALUES ?`,
    [
      entries.map((entry) => [
        uuidBytes(entry.userId),
        entry.seq,
        entry.kind,
        entry.amountKrw,
        entry.balanceAfterKrw,
        entry.orderId === undefined ? null : uuidBytes(entry.orderId),
        entry.idempotencyKey ?? null,
        entry.requestHash ?? null,
        entry.createdAt,
      ]),
    ],
  );
}

/** The charge made under this key; see `findEntryByKey`. */
export function findChargeByKey(tx: Transaction, userId: string, idempotencyKey: string) {
  return findEntryByKey(tx, { userId, kind: 'CHARGE', idempotencyKey });
}

/**
 * The charge or adjustment made under this key. Uses wallet_entries_idempotency. Call it under the wallet's
 * lock.
 */
export async function findEntryByKey(
  tx: Transaction,
  {
    userId,
    kind,
    idempotencyKey,
  }: {
    readonly userId: string;
    readonly kind: 'CHARGE' | 'ADJUSTMENT';
    readonly idempotencyKey: string;
  },
): Promise<(Charge & { readonly requestHash: Buffer | undefined }) | undefined> {
  const [row] = await tx.read<WalletEntryRow>(
    `SELECT ${WALLET_ENTRY_COLUMNS} FROM wallet_entries
     WHERE user_id = ? AND kind = ? AND idempotency_key = ?`,
    [uuidBytes(userId), kind, idempotencyKey],
  );
  return (
    row && {
      amountKrw: row.amount,
      balanceAfterKrw: row.balance_after,
      balanceSeq: row.seq,
      createdAt: row.created_at,
      requestHash: row.request_hash ?? undefined,
    }
  );
}

/**
 * The refund of the cancellation made under this idempotency key. Uses wallet_entries_idempotency. Call it
 * under the wallet's lock.
 */
export async function findRefundByKey(
  tx: Transaction,
  userId: string,
  idempotencyKey: string,
): Promise<
  | {
      orderId: string | undefined;
      amountKrw: number;
      balanceAfterKrw: number;
      seq: number;
      createdAt: Date;
      /** Set for an admin's request. A customer's request contains nothing but the order. */
      requestHash: Buffer | undefined;
    }
  | undefined
> {
  const [row] = await tx.read<WalletEntryRow>(
    `SELECT ${WALLET_ENTRY_COLUMNS} FROM wallet_entries
     WHERE user_id = ? AND kind = 'REFUND' AND idempotency_key = ?`,
    [uuidBytes(userId), idempotencyKey],
  );
  if (row === undefined) return undefined;
  return {
    orderId: row.order_id === null ? undefined : uuidText(row.order_id),
    amountKrw: row.amount,
    balanceAfterKrw: row.balance_after,
    seq: row.seq,
    createdAt: row.created_at,
    requestHash: row.request_hash ?? undefined,
  };
}

/**
 * The payment of an order, at its seq, and its refund if there is one. Uses the primary key, and the
 * customer's refunds in wallet_entries_idempotency: no index leads from an order to its entries.
 */
export async function findOrderEntries(
  read: Read,
  order: { readonly userId: string; readonly orderId: string; readonly paymentSeq: number },
): Promise<Omit<WalletEntry, 'idempotencyKey' | 'requestHash'>[]> {
  const { userId, paymentSeq } = order;
  const [user, orderId] = [uuidBytes(userId), uuidBytes(order.orderId)];
  const rows = await read<WalletEntryRow>(
    `SELECT ${WALLET_ENTRY_COLUMNS} FROM wallet_entries
     WHERE user_id = ? AND seq = ? AND kind = 'PAYMENT' AND order_id = ?
     UNION ALL
     SELECT ${WALLET_ENTRY_COLUMNS} FROM wallet_entries FORCE INDEX (wallet_entries_idempotency)
     WHERE user_id = ? AND kind = 'REFUND' AND order_id = ?`,
    [user, paymentSeq, orderId, user, orderId],
  );
  return rows.map((row) => entryOf(userId, row));
}

export async function findWallet(database: Database, userId: string): Promise<Wallet | undefined> {
  const [row] = await database.read<{ balance: number; version: number }>(
    'SELECT balance, version FROM wallets WHERE user_id = ?',
    [uuidBytes(userId)],
  );
  return row && { userId, balanceKrw: row.balance, version: row.version };
}

/** Wallets of these users, as last committed, keyed by user id. Uses the primary key; no lock. */
export async function findWallets(read: Read, userIds: readonly string[]): Promise<Map<string, Wallet>> {
  if (userIds.length === 0) return new Map();
  const rows = await read<{ user_id: Buffer; balance: number; version: number }>(
    'SELECT user_id, balance, version FROM wallets WHERE user_id IN (?)',
    [userIds.map(uuidBytes)],
  );
  return new Map(
    rows.map((row) => {
      const userId = uuidText(row.user_id);
      return [userId, { userId, balanceKrw: row.balance, version: row.version }];
    }),
  );
}

/** Entries before `beforeSeq`, newest first. Reads the primary key (user_id, seq) backwards. */
export async function listWalletEntries(
  database: Database,
  { userId, beforeSeq, limit }: { userId: string; beforeSeq: number; limit: number },
): Promise<Omit<WalletEntry, 'idempotencyKey' | 'requestHash'>[]> {
  const rows = await database.read<WalletEntryRow>(
    `SELECT ${WALLET_ENTRY_COLUMNS} FROM wallet_entries
     WHERE user_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    [uuidBytes(userId), beforeSeq, limit],
  );
  return rows.map((row) => entryOf(userId, row));
}

function entryOf(userId: string, row: WalletEntryRow): Omit<WalletEntry, 'idempotencyKey' | 'requestHash'> {
  return {
    userId,
    seq: row.seq,
    kind: row.kind,
    amountKrw: row.amount,
    balanceAfterKrw: row.balance_after,
    orderId: row.order_id === null ? undefined : uuidText(row.order_id),
    createdAt: row.created_at,
  };
}
