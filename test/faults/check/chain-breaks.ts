import type { Chain } from './chains.ts';

/**
 * Breaks of a chain. Its numbers go from 1 without a gap. Every value is the one before it plus the change,
 * and not below zero. The row itself has the number and the value of the last change.
 */
export function chainBreaks(
  chain: Chain,
  head: { readonly seq: number; readonly value: number } | undefined,
): string[] {
  if (head === undefined) return ['it has changes and no row'];
  const breaks: string[] = [];
  let seq = 0;
  let value = 0;
  for (const change of chain) {
    const what = `${change.source} (seq ${change.seq})`;
    if (change.seq !== seq + 1) breaks.push(`${what} comes after seq ${seq}`);
    else if (change.after !== value + change.delta) {
      breaks.push(`${what} makes ${change.after} of ${value} by ${change.delta}`);
    }
    if (change.after < 0) breaks.push(`${what} leaves ${change.after}`);
    ({ seq, after: value } = change);
  }
  if (head.seq !== seq || head.value !== value) {
    breaks.push(`the row has ${head.value} at seq ${head.seq}, the chain ends with ${value} at seq ${seq}`);
  }
  return breaks;
}
