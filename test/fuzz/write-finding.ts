import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './fuzz-app.ts';

/** Writes a finding into a separate folder: the bytes as sent, and the faults. Returns its path. */
export function writeFinding(
  folder: string,
  seed: number,
  { number, what, faults, pieces }: Finding,
): string {
  const own = join(folder, `seed-${seed}-request-${number}`);
  mkdirSync(own, { recursive: true });
  const repeat = `npm run fuzz -- --seed=${seed} --first=${number} --requests=1`;
  writeFileSync(
    join(own, 'finding.json'),
    `${JSON.stringify({ number, what, faults, repeat }, undefined, 2)}\n`,
  );
  for (const [index, piece] of pieces.entries()) writeFileSync(join(own, `request-${index}.bin`), piece);
  return own;
}
