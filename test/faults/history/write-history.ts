import { closeSync, openSync, writeSync } from 'node:fs';
import type { HistoryLine } from './history-line.ts';

export interface HistoryWriter {
  /** When it returns, the operating system has the line: it survives any end of this process. */
  write(line: HistoryLine): void;
  close(): void;
}

/**
 * Appends to a file, one JSON object per line, each in one write. The file must not exist: a history has one
 * writer.
 */
export function writeHistory(path: string): HistoryWriter {
  const file = openSync(path, 'ax');
  return {
    write: (line) => {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    },
    close: () => closeSync(file),
  };
}
