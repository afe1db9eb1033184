import type { CellResult } from '../cell-result.ts';

/** Threshold in cores of unrelated processes above which a result is marked as disturbed. */
const DISTURBED_CORES = 0.1;

/** Formats a measurement for the progress output. */
export function resultLine(result: CellResult): string {
  const { cell, ratePerS, latencyMs, cpuUs, othersCores = 0, leftInOutbox = 0 } = result;
  const parts = [`  ${cell.padEnd(28)}${Math.round(ratePerS).toString().padStart(7)}/s`];
  if (latencyMs !== undefined) {
    parts.push(`p50 ${latencyMs.p50.toFixed(1)} ms, p99 ${latencyMs.p99.toFixed(1)} ms`);
  }
  if (cpuUs !== undefined) {
    const shares = Object.entries(cpuUs).map(([part, us]) => `${part} ${us.toFixed(0)}`);
    parts.push(`CPU µs: ${shares.join(', ')}`);
  }
  if (leftInOutbox > 0) parts.push(`${leftInOutbox} left in the outbox`);
  if (isDisturbed(result)) {
    parts.push(`DISTURBED: other processes kept ${othersCores.toFixed(1)} cores busy`);
  }
  return parts.join('  ');
}

export function isDisturbed({ othersCores = 0 }: CellResult): boolean {
  return othersCores > DISTURBED_CORES;
}
