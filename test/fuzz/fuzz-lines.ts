import type { FuzzReport } from './fuzz-app.ts';

/** Formats the report: replies by operation and status, then the totals. */
export function fuzzLines({
  replies,
  byKind,
  unavailable,
  requests,
  findings,
  memory,
  seed,
  durationMs,
}: FuzzReport): string[] {
  const statuses = [...new Set([...replies.values()].flatMap((counts) => [...counts.keys()]))].toSorted(
    (a, b) => a - b,
  );
  const rows = [...replies].toSorted(([a], [b]) => a.localeCompare(b));
  const width = Math.max(0, ...rows.map(([operation]) => operation.length));
  const line = (name: string, cells: readonly (string | number)[]) =>
    `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(7)).join('')}`;
  const total = (status: number) => rows.reduce((sum, [, counts]) => sum + (counts.get(status) ?? 0), 0);
  const kinds = [...byKind].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const rss = memory.rssMax === undefined ? 'unknown' : `${memory.rssMax.toFixed(0)} MB`;
  return [
    line('replies', statuses),
    ...rows.map(([operation, counts]) =>
      line(
        operation,
        statuses.map((status) => counts.get(status) ?? ''),
      ),
    ),
    line('all', statuses.map(total)),
    `requests: ${kinds}`,
    `memory: heap ${memory.heapWarm.toFixed(1)} MB warm, ${memory.heapEnd.toFixed(1)} MB at the end; ` +
      `most resident ${rss}`,
    `requests=${requests} seed=${seed} ` +
      `replies=${statuses.reduce((sum, status) => sum + total(status), 0)} ` +
      `repeated=${unavailable.length} findings=${findings.length} ` +
      `seconds=${Math.round(durationMs / 1000)}`,
  ];
}
