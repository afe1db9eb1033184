import type { Read, SqlValue } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import type { AuditCheck } from './audit-checks.ts';
import type { BrokenRow } from './audit-report.ts';

/** A table with links of a chain. `delta` and `after` are SQL expressions over its columns. */
interface LinkTable {
  readonly table: string;
  /** The index on key and seq. Forced: for a list of many ranges the optimiser scans the table. */
  readonly index: string;
  readonly key: string;
  readonly seq: string;
  readonly delta: string;
  readonly after: string;
}

/** Versioned rows, each the end of a chain, and the tables with the chain's links. */
export interface Chain {
  readonly kind: 'STOCK' | 'WALLET';
  readonly heads: { readonly table: string; readonly key: string; readonly value: string };
  readonly links: readonly LinkTable[];
  readonly linkCheck: AuditCheck;
  readonly headCheck: AuditCheck;
}

export const stockChain: Chain = {
  kind: 'STOCK',
  heads: { table: 'product_stock', key: 'product_id', value: 'quantity' },
  links: [
    {
      table: 'order_items',
      index: 'order_items_stock_seq',
      key: 'product_id',
      seq: 'stock_seq',
      delta: '-quantity',
      after: 'stock_after',
    },
    {
      table: 'stock_entries',
      index: 'PRIMARY',
      key: 'product_id',
      seq: 'seq',
      delta: 'delta',
      after: 'quantity_after',
    },
  ],
  linkCheck: 'stock_chain',
  headCheck: 'stock_head',
};

export const balanceChain: Chain = {
  kind: 'WALLET',
  heads: { table: 'wallets', key: 'user_id', value: 'balance' },
  links: [
    {
      table: 'wallet_entries',
      index: 'PRIMARY',
      key: 'user_id',
      seq: 'seq',
      delta: 'amount',
      after: 'balance_after',
    },
  ],
  linkCheck: 'balance_chain',
  headCheck: 'balance_head',
};

export interface ChainHead {
  readonly id: Buffer;
  readonly version: number;
  readonly value: number;
  /** The seq up to which the chain was verified before; 0 if it was not. */
  readonly verifiedSeq: number;
}

/** Links of one key after `fromSeq`, up to and including `toSeq` if given. */
export interface LinkRange {
  readonly id: Buffer;
  readonly fromSeq: number;
  readonly toSeq?: number;
}

/** A WHERE condition on the rows of a link table. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * Heads after `afterId`, ascending; with `changedOnly`, those that differ from the checkpoint. Uses the
 * primary keys of both tables: a million wallets of which few have changed take 1 s.
 */
export async function readHeads(
  read: Read,
  { kind, heads: { table, key, value } }: Chain,
  { afterId, limit, changedOnly }: { afterId: Buffer; limit: number; changedOnly: boolean },
): Promise<ChainHead[]> {
  const columns = `h.${key} AS id, h.version, h.${value} AS value`;
  const rows = await read<{ id: Buffer; version: number; value: number; verified: number }>(
    changedOnly
      ? `SELECT ${columns}, COALESCE(m.seq, 0) AS verified
         FROM ${table} h LEFT JOIN audit_marks m ON m.id = h.${key} AND m.kind = '${kind}'
         WHERE h.${key} > ? AND (m.seq IS NULL OR m.seq <> h.version OR m.value <> h.${value})
         ORDER BY h.${key} LIMIT ${limit}`
      : `SELECT ${columns}, 0 AS verified FROM ${table} h
         WHERE h.${key} > ? ORDER BY h.${key} LIMIT ${limit}`,
    [afterId],
  );
  return rows.map(({ id, version, value: current, verified }) => ({
    id,
    version,
    value: current,
    verifiedSeq: verified,
  }));
}

/** SQL condition for the rows of these ranges. A range from 0 includes every row, whatever its seq. */
export function inRanges(ranges: readonly LinkRange[], key: string, seq: string): Condition {
  if (ranges.every(({ fromSeq, toSeq }) => fromSeq === 0 && toSeq === undefined)) {
    return { sql: `${key} IN (?)`, values: [ranges.map(({ id }) => id)] };
  }
  const parts = ranges.map(({ id, fromSeq, toSeq }) => {
    const after = fromSeq === 0 ? '' : ` AND ${seq} > ?`;
    const upTo = toSeq === undefined ? '' : ` AND ${seq} <= ?`;
    return {
      sql: `(${key} = ?${after}${upTo})`,
      values: [id, ...(fromSeq === 0 ? [] : [fromSeq]), ...(toSeq === undefined ? [] : [toSeq])],
    };
  });
  return {
    sql: `(${parts.map(({ sql }) => sql).join(' OR ')})`,
    values: parts.flatMap(({ values }) => values),
  };
}

/**
 * Links that do not follow from the one before. The last verified link of each key is read too, as the
 * predecessor of its first link. Without a verified link, the chain must start with seq 1 from the value 0.
 * Sorts the rows of the ranges once; pass ranges of at most some ten thousand rows.
 */
export async function readBrokenLinks(
  read: Read,
  chain: Chain,
  ranges: readonly LinkRange[],
): Promise<BrokenRow[]> {
  // Include the link before each range, to compare the first link with.
  const withAnchors = ranges.map((range) => ({ ...range, fromSeq: Math.max(0, range.fromSeq - 1) }));
  const sources = chain.links.map(({ table, index, key, seq, delta, after }, source) => {
    const condition = inRanges(withAnchors, key, seq);
    return {
      sql: `SELECT ${key} AS id, ${seq} AS seq, ${source} AS source, ${delta} AS delta, ${after} AS result
            FROM ${table} FORCE INDEX (${index}) WHERE ${condition.sql}`,
      values: condition.values,
    };
  });
  const isNew = inRanges(ranges, 'id', 'seq');
  const rows = await read<{
    id: Buffer;
    seq: number;
    result: number;
    seq_before: number;
    expected: number;
  }>(
    `SELECT id, seq, result, seq_before, result_before + delta AS expected FROM (
       SELECT id, seq, delta, result,
         COALESCE(LAG(seq) OVER (PARTITION BY id ORDER BY seq, source), 0) AS seq_before,
         COALESCE(LAG(result) OVER (PARTITION BY id ORDER BY seq, source), 0) AS result_before
       FROM (${sources.map(({ sql }) => sql).join(' UNION ALL ')}) changes) links
     WHERE (seq <> seq_before + 1 OR result <> result_before + delta) AND ${isNew.sql}
     ORDER BY id, seq`,
    [...sources.flatMap(({ values }) => values), ...isNew.values],
  );
  return rows.map((row) => ({
    id: uuidText(row.id),
    seq: row.seq,
    detail:
      row.seq === row.seq_before + 1
        ? `${row.result} after it, expected ${row.expected}`
        : `follows seq ${row.seq_before}` +
          (row.result === row.expected ? '' : `; ${row.result} after it, expected ${row.expected}`),
  }));
}

/** A link with the kind of its change and the order that it names. */
export interface OrderedLink {
  readonly id: Buffer;
  readonly seq: number;
  readonly kind: string;
  readonly order_id: Buffer | null;
}

/** How the audit reports a link with a wrong order. */
export function strayLink({ id, seq, kind, order_id: orderId }: OrderedLink): BrokenRow {
  const order = orderId === null ? 'none' : uuidText(orderId);
  return { id: uuidText(id), seq, detail: `${kind} of order ${order}` };
}

/** Heads whose version or value differs from their last link. Two lookups per head by the links' indexes. */
export async function readBrokenHeads(
  read: Read,
  { heads, links }: Chain,
  ids: readonly Buffer[],
): Promise<BrokenRow[]> {
  const lastSeqs = links.map(
    ({ table, key, seq }) => `COALESCE((SELECT MAX(${seq}) FROM ${table} WHERE ${key} = h.${heads.key}), 0)`,
  );
  const lastSeq = lastSeqs.length === 1 ? lastSeqs.join() : `GREATEST(${lastSeqs.join(', ')})`;
  const joins = links.map(
    ({ table, key, seq }, index) =>
      `LEFT JOIN ${table} l${index} ON l${index}.${key} = head.id AND l${index}.${seq} = head.last_seq`,
  );
  const result = `COALESCE(${links.map(({ after }, index) => `l${index}.${after}`).join(', ')}, 0)`;
  const rows = await read<{ id: Buffer; version: number; value: number; last_seq: number; result: number }>(
    `SELECT id, head.version, value, last_seq, ${result} AS result FROM (
       SELECT h.${heads.key} AS id, h.version, h.${heads.value} AS value, ${lastSeq} AS last_seq
       FROM ${heads.table} h WHERE h.${heads.key} IN (?)) head ${joins.join(' ')}
     WHERE head.version <> last_seq OR value <> ${result} ORDER BY id`,
    [ids],
  );
  return rows.map((row) => ({
    id: uuidText(row.id),
    detail:
      `${heads.value} ${row.value} at version ${row.version}; ` +
      `its last change is seq ${row.last_seq} with ${row.result} after it`,
  }));
}

/** Links without a head, which no foreign key prevents. Reads each key of the links' indexes once. */
export async function readHeadlessLinks(read: Read, { heads, links }: Chain): Promise<BrokenRow[]> {
  const found = await Promise.all(
    links.map(({ table, key }) =>
      read<{ id: Buffer }>(
        `SELECT l.id FROM (SELECT DISTINCT ${key} AS id FROM ${table}) l
         LEFT JOIN ${heads.table} h ON h.${heads.key} = l.id WHERE h.${heads.key} IS NULL`,
      ),
    ),
  );
  const ids = new Set(found.flat().map(({ id }) => uuidText(id)));
  return [...ids].map((id) => ({ id, detail: `changes, but no row in ${heads.table}` }));
}

/** Heads that were verified before and no longer exist. Reads the primary keys of both tables. */
export async function readVanishedHeads(read: Read, { kind, heads }: Chain): Promise<BrokenRow[]> {
  const rows = await read<{ id: Buffer }>(
    `SELECT m.id FROM audit_marks m LEFT JOIN ${heads.table} h ON h.${heads.key} = m.id
     WHERE m.kind = ? AND h.${heads.key} IS NULL`,
    [kind],
  );
  return rows.map(({ id }) => ({
    id: uuidText(id),
    detail: `verified before, but no row in ${heads.table}`,
  }));
}

/** The seq about `count` links after `fromSeq`, to split a long chain; undefined if fewer links are left. */
export async function findSeqAfter(
  read: Read,
  { links }: Chain,
  { id, fromSeq, count }: { id: Buffer; fromSeq: number; count: number },
): Promise<number | undefined> {
  const cuts = await Promise.all(
    links.map(({ table, index, key, seq }) =>
      read<{ seq: number }>(
        `SELECT ${seq} AS seq FROM ${table} FORCE INDEX (${index}) WHERE ${key} = ? AND ${seq} > ?
         ORDER BY ${seq} LIMIT 1 OFFSET ${count}`,
        [id, fromSeq],
      ),
    ),
  );
  const seqs = cuts.flat().map(({ seq }) => seq);
  return seqs.length === 0 ? undefined : Math.min(...seqs);
}
