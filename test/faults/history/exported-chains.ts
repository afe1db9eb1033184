import { acknowledgedOf, type Operation } from '../check/operations.ts';
import { type Facts, factsOf } from '../check/facts.ts';
import type { FinalState } from '../check/final-state.ts';
import type { HistoryLine } from './history-line.ts';

/**
 * Input for an external checker: which operation changed which stock or balance, when, and which values were
 * read.
 */
export interface ExportedChains {
  readonly endMs: number;
  /** Stocks and balances as they were when the history began. */
  readonly initial: readonly ChainPlace[];
  readonly operations: readonly ExportedOperation[];
}

/** A stock or a balance after `seq` changes. */
export interface ChainPlace {
  readonly chain: string;
  readonly seq: number;
  readonly value: number;
}

/**
 * One logical operation with all its attempts, or one read. An unknown operation without an effect is
 * omitted: for an external checker it never happened.
 */
export interface ExportedOperation {
  readonly name: string;
  readonly kind: string;
  readonly fromMs: number;
  /** Undefined when the operation was never acknowledged: it may have happened at any time after it began. */
  readonly toMs: number | undefined;
  /** All of them atomically. */
  readonly changes: readonly (ChainPlace & { readonly delta: number })[];
  readonly reads: readonly {
    readonly chain: string;
    readonly seq: number | undefined;
    readonly value: number;
  }[];
}

/** Expects a well-formed history. */
export function exportedChains(lines: readonly HistoryLine[], state: FinalState): ExportedChains {
  const facts = factsOf(lines, state);
  const { begin } = facts;
  const changes = changesByOperation(facts);
  const operations = [...facts.operations.values()].flatMap((operation) => [
    ...changed(operation, changes.get(operation.name) ?? []),
    ...refusals(operation),
    ...balanceReads(operation),
  ]);
  return {
    endMs: lines.at(-1)?.atMs ?? 0,
    initial: [
      ...begin.shop.products.map(({ productId, stockSeq, quantity }) => {
        return { chain: stockName(productId), seq: stockSeq, value: quantity };
      }),
      ...begin.shop.users.map(({ userId, balanceSeq, balanceKrw }) => {
        return { chain: balanceName(userId), seq: balanceSeq, value: balanceKrw };
      }),
    ],
    operations: [...operations, ...samples(facts)].toSorted((a, b) => a.fromMs - b.fromMs),
  };
}

const stockName = (productId: string) => `stock ${productId}`;
const balanceName = (userId: string) => `balance ${userId}`;

type ChangeOf = ExportedOperation['changes'][number];

function changesByOperation({ begin, stockChains, balanceChains }: Facts): Map<string, ChangeOf[]> {
  const begun = new Map([
    ...begin.shop.products.map(({ productId, stockSeq }) => [productId, stockSeq] as const),
    ...begin.shop.users.map(({ userId, balanceSeq }) => [userId, balanceSeq] as const),
  ]);
  const byOperation = new Map<string, ChangeOf[]>();
  for (const [chains, nameOfChain] of [
    [stockChains, stockName],
    [balanceChains, balanceName],
  ] as const) {
    for (const [id, chain] of chains) {
      for (const { seq, delta, after, operation } of chain) {
        if (operation === undefined || seq <= (begun.get(id) ?? 0)) continue;
        const change = { chain: nameOfChain(id), seq, value: after, delta };
        byOperation.set(operation, [...(byOperation.get(operation) ?? []), change]);
      }
    }
  }
  return byOperation;
}

function changed(operation: Operation, changes: readonly ChangeOf[]): ExportedOperation[] {
  if (changes.length === 0) return [];
  const { name, kind, attempts } = operation;
  const [first] = acknowledgedOf(operation).toSorted((a, b) => a.answer.atMs - b.answer.atMs);
  const fromMs = Math.min(...attempts.map(({ invoke }) => invoke.atMs));
  return [{ name, kind, fromMs, toMs: first?.answer.atMs, changes, reads: [] }];
}

/** A refusal for insufficient stock or balance has read how much was left. */
function refusals({ name, attempts }: Operation): ExportedOperation[] {
  return attempts.flatMap(({ invoke, answer }): ExportedOperation[] => {
    if (answer?.type !== 'fail') return [];
    const { productId, available, balance } = (answer.response ?? {}) as Record<string, unknown>;
    const read =
      answer.code === 'out_of_stock'
        ? { chain: stockName(String(productId)), value: available }
        : { chain: balanceName(invoke.user), value: balance };
    if (typeof read.value !== 'number') return [];
    return [
      look(`${name} refused`, { fromMs: invoke.atMs, toMs: answer.atMs }, [{ ...read, value: read.value }]),
    ];
  });
}

function balanceReads(operation: Operation): ExportedOperation[] {
  if (operation.kind !== 'read-balance') return [];
  return acknowledgedOf(operation).map(({ invoke, answer }) => {
    const { balance, balanceSeq } = answer.response as { balance: number; balanceSeq: number };
    const read = { chain: balanceName(invoke.user), seq: balanceSeq, value: balance };
    return look(operation.name, { fromMs: invoke.atMs, toMs: answer.atMs }, [read]);
  });
}

function samples(facts: Facts): ExportedOperation[] {
  return facts.samples.map((sample, index) =>
    look(`sample ${index}`, { fromMs: sample.fromMs, toMs: sample.atMs }, [
      ...sample.products.map(({ productId, stockSeq, quantity }) => {
        return { chain: stockName(productId), seq: stockSeq, value: quantity };
      }),
      ...sample.wallets.map(({ userId, balanceSeq, balanceKrw }) => {
        return { chain: balanceName(userId), seq: balanceSeq, value: balanceKrw };
      }),
    ]),
  );
}

function look(
  name: string,
  span: Pick<ExportedOperation, 'fromMs' | 'toMs'>,
  reads: readonly { readonly chain: string; readonly seq?: number; readonly value: number }[],
): ExportedOperation {
  return {
    name,
    kind: 'read',
    ...span,
    changes: [],
    reads: reads.map((read) => ({ seq: undefined, ...read })),
  };
}
