/** Ids per IN list. Beyond 1,000 MariaDB stops using the index. */
export const IDS_MAX = 500;

/** Splits the items, in order, into chunks of up to `size`. Returns no chunk for no items. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}
