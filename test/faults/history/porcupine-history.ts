import type { ExportedChains, ExportedOperation } from './exported-chains.ts';

/** One partition of a history for Porcupine: a stock or a balance, linearizable on its own. */
export interface PorcupinePartition {
  readonly key: string;
  /** Its state before the first operation. */
  readonly initial: { readonly seq: number; readonly value: number };
  readonly operations: readonly PorcupineOperation[];
}

/** The fields of `porcupine.Operation`; times in ns. */
export interface PorcupineOperation {
  readonly ClientId: number;
  readonly Call: number;
  readonly Return: number;
  readonly Input:
    | { readonly kind: 'change'; readonly delta: number; readonly name: string }
    | { readonly kind: 'read' };
  /** For a change: the state after it. For a read: the state it saw, with seq 0 if the number is unknown. */
  readonly Output: { readonly seq: number; readonly value: number };
}

/**
 * A history as JSON for Porcupine (github.com/anishathalye/porcupine): `{partitions: […]}`, checked
 * separately. The model is a number with a count of its changes. A change is legal when its output is seq + 1
 * and value + delta; the output is the next state. A read is legal when its output is the state; seq 0
 * matches any. An operation that was never acknowledged returns at the end of time.
 */
export function porcupineHistory(chains: ExportedChains): string {
  const partitions = chains.initial.map(({ chain, seq, value }): PorcupinePartition => {
    const operations = chains.operations.flatMap((operation) => operationsOn(chain, operation, chains.endMs));
    return {
      key: chain,
      initial: { seq, value },
      operations: operations.map((operation, ClientId) => ({ ClientId, ...operation })),
    };
  });
  return `${JSON.stringify({ partitions }, undefined, 1)}\n`;
}

/**
 * Each operation is a separate client: an attempt that its client gave up on continues beside the next one.
 */
function operationsOn(
  chain: string,
  { name, fromMs, toMs, changes, reads }: ExportedOperation,
  endMs: number,
): Omit<PorcupineOperation, 'ClientId'>[] {
  const span = { Call: nanoseconds(fromMs), Return: nanoseconds(toMs ?? endMs) };
  return [
    ...changes
      .filter((change) => change.chain === chain)
      .map(({ seq, value, delta }) => {
        return { ...span, Input: { kind: 'change' as const, delta, name }, Output: { seq, value } };
      }),
    ...reads
      .filter((read) => read.chain === chain)
      .map(({ seq = 0, value }) => ({ ...span, Input: { kind: 'read' as const }, Output: { seq, value } })),
  ];
}

function nanoseconds(ms: number): number {
  return Math.round(ms * 1e6);
}
