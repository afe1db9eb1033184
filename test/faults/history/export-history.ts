import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FinalState } from '../check/final-state.ts';
import { elleHistory } from './elle-history.ts';
import { exportedChains } from './exported-chains.ts';
import { porcupineHistory } from './porcupine-history.ts';
import { readHistory } from './read-history.ts';

const writers = { elle: elleHistory, porcupine: porcupineHistory };

export type ExportFormat = keyof typeof writers;

export const exportFormats = Object.keys(writers) as ExportFormat[];

/** Writes the history of a run for an external checker; `runDir` has the history and its end state. */
export function exportHistory(runDir: string, file: string, format: ExportFormat): void {
  const lines = readHistory(join(runDir, 'history.jsonl'));
  const state = JSON.parse(readFileSync(join(runDir, 'final-state.json'), 'utf8')) as FinalState;
  writeFileSync(file, writers[format](exportedChains(lines, state)));
}
