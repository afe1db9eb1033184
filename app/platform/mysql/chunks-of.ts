/** Ids in one IN list. Beyond 1,000 MariaDB leaves the index. */
export const IDS_MAX = 500;

/** The items in their order, `size` at a time; no chunk at all when there are none. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}
