import type { ExportedChains, ExportedOperation } from './exported-chains.ts';

/**
 * A history as EDN for Elle's list-append checker (github.com/jepsen-io/elle), one operation per line. Every
 * stock and balance is a list, and every operation that changed it has appended its own number. A snapshot or
 * a read of a balance reads the list as it was then, in the order of the chain. `:strict-serializable` must
 * hold.
 */
export function elleHistory(chains: ExportedChains): string {
  const lists = listsOf(chains);
  const moments = chains.operations.flatMap((operation, element): Moment[] => {
    const txn = txnOf(operation, element, lists);
    if (txn === undefined) return [];
    const { fromMs, toMs } = operation;
    return [
      { atMs: fromMs, type: ':invoke', element, value: txn.asked },
      ...(toMs === undefined
        ? [{ atMs: chains.endMs, type: ':info' as const, element, value: txn.asked }]
        : [{ atMs: toMs, type: ':ok' as const, element, value: txn.answered }]),
    ];
  });
  const sorted = moments.toSorted((a, b) => a.atMs - b.atMs);
  const processes = processesOf(sorted);
  return sorted
    .map(({ atMs, type, element, value }, index) => {
      const process = processes.get(element);
      const time = Math.round(atMs * 1e6);
      const event = `:process ${process}, :type ${type}, :f :txn, :value ${value}`;
      return `{:index ${index}, :time ${time}, ${event}}\n`;
    })
    .join('');
}

interface Moment {
  readonly atMs: number;
  readonly type: ':invoke' | ':ok' | ':info';
  /** Number of the operation, which is the element that it appends. */
  readonly element: number;
  readonly value: string;
}

/** Elements of each chain by place: numbers of operations, beginning with the first one of the history. */
type Lists = ReadonlyMap<
  string,
  { readonly beginSeq: number; readonly elements: ReadonlyMap<number, number> }
>;

function listsOf({ initial, operations }: ExportedChains): Lists {
  const lists = new Map(
    initial.map(({ chain, seq }) => [chain, { beginSeq: seq, elements: new Map<number, number>() }]),
  );
  for (const [element, { changes }] of operations.entries()) {
    for (const { chain, seq } of changes) lists.get(chain)?.elements.set(seq, element);
  }
  return lists;
}

/** Undefined for a read whose place in the chain is unknown: it says nothing about the list. */
function txnOf(
  { changes, reads }: ExportedOperation,
  element: number,
  lists: Lists,
): { readonly asked: string; readonly answered: string } | undefined {
  const placed = reads.flatMap(({ chain, seq }) => (seq === undefined ? [] : [{ chain, seq }]));
  if (changes.length === 0 && placed.length === 0) return undefined;
  const appends = changes.map(({ chain }) => `[:append ${edn(chain)} ${element}]`);
  const asked = placed.map(({ chain }) => `[:r ${edn(chain)} nil]`);
  const answered = placed.map(
    ({ chain, seq }) => `[:r ${edn(chain)} [${listAt(lists, chain, seq).join(' ')}]]`,
  );
  return {
    asked: `[${[...appends, ...asked].join(' ')}]`,
    answered: `[${[...appends, ...answered].join(' ')}]`,
  };
}

function listAt(lists: Lists, chain: string, seq: number): number[] {
  const list = lists.get(chain);
  if (list === undefined) return [];
  const places = Array.from(
    { length: Math.max(0, seq - list.beginSeq) },
    (_, index) => list.beginSeq + index + 1,
  );
  return places.flatMap((place) => list.elements.get(place) ?? []);
}

/**
 * Each process runs one operation at a time; an operation takes the lowest free process. A process whose
 * operation got no answer is never used again.
 */
function processesOf(moments: readonly Moment[]): Map<number, number> {
  const processes = new Map<number, number>();
  const busy = new Set<number>();
  for (const { type, element } of moments) {
    if (type === ':invoke') {
      let process = 0;
      while (busy.has(process)) process += 1;
      busy.add(process);
      processes.set(element, process);
    } else if (type === ':ok') busy.delete(processes.get(element) as number);
  }
  return processes;
}

function edn(text: string): string {
  return JSON.stringify(text);
}
