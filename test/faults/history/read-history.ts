import { readFileSync } from 'node:fs';
import type { HistoryLine } from './history-line.ts';

const TYPES: ReadonlySet<unknown> = new Set<HistoryLine['type']>([
  'begin',
  'invoke',
  'ok',
  'fail',
  'unknown',
  'fault',
  'sample',
  'end',
]);

/**
 * The lines of a history. A killed recorder leaves an incomplete last line, which is omitted. Throws for any
 * other invalid line.
 */
export function readHistory(path: string): HistoryLine[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  lines.pop();
  return lines.map((text, index) => {
    const line = parseLine(text);
    if (line === undefined) throw new Error(`${path}:${index + 1} is no line of a history: ${text}`);
    return line;
  });
}

function parseLine(text: string): HistoryLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLine(value: unknown): value is HistoryLine {
  return typeof value === 'object' && value !== null && 'type' in value && TYPES.has(value.type);
}
