import type { HistoryDraft } from './sound-history.ts';

type SampleDraft = Extract<HistoryDraft['lines'][number], { type: 'sample' }>;
type InvokeDraft = Extract<HistoryDraft['lines'][number], { type: 'invoke' }>;

export const ofProduct = (id: string) => (row: { productId: string }) => row.productId === id;
export const ofUser = (id: string) => (row: { userId: string }) => row.userId === id;
export const ofOrder = (id: string) => (row: { orderId: string }) => row.orderId === id;
export const ofInvoke = (op: number) => (line: { type: string; op?: number }) =>
  line.type === 'invoke' && line.op === op;

/** Returns the only row that matches. */
function find<T>(rows: readonly T[], isIt: (row: T) => boolean): T {
  const [row, another] = rows.filter(isIt);
  if (row === undefined || another !== undefined) throw new Error('the sound history has changed');
  return row;
}

export function edit<T>(rows: readonly T[], isIt: (row: T) => boolean, change: object): void {
  Object.assign(find(rows, isIt) as object, change);
}

export function remove<T>(rows: T[], isIt: (row: T) => boolean): void {
  const kept = rows.filter((row) => !isIt(row));
  rows.splice(0, rows.length, ...kept);
}

export function invokeOf({ lines }: HistoryDraft, op: number): InvokeDraft {
  return find(lines, ofInvoke(op)) as InvokeDraft;
}

export function answerOf({ lines }: HistoryDraft, op: number): HistoryDraft['lines'][number] {
  return find(lines, (line) => line.type !== 'invoke' && 'op' in line && line.op === op);
}

export function replaceAnswer(draft: HistoryDraft, op: number, answer: HistoryDraft['lines'][number]): void {
  draft.lines.splice(draft.lines.indexOf(answerOf(draft, op)), 1, answer);
}

export function editAnswer(draft: HistoryDraft, op: number, change: object): void {
  Object.assign(answerOf(draft, op), change);
}

export function editResponse(draft: HistoryDraft, op: number, change: object): void {
  const answer = answerOf(draft, op) as { response: object };
  answer.response = { ...answer.response, ...change };
}

export function editRequest(draft: HistoryDraft, op: number, request: object): void {
  Object.assign(invokeOf(draft, op), { request, bodyHash: JSON.stringify(request) });
}

export function firstSample({ lines }: HistoryDraft): SampleDraft {
  return lines.find((line): line is SampleDraft => line.type === 'sample') as SampleDraft;
}

export function lastSample({ lines }: HistoryDraft): SampleDraft {
  return lines.findLast((line): line is SampleDraft => line.type === 'sample') as SampleDraft;
}

/** Adds a change of a balance, after all others. */
export function addToBalance(
  { state }: HistoryDraft,
  userId: string,
  entry: { kind: 'CHARGE' | 'REFUND'; amountKrw: number; key: string; orderId?: string },
): void {
  const wallet = find(state.wallets, ofUser(userId));
  wallet.balanceKrw += entry.amountKrw;
  wallet.balanceSeq += 1;
  const { balanceKrw: balanceAfterKrw, balanceSeq: seq } = wallet;
  state.walletEntries.push({ orderId: null, ...entry, userId, seq, balanceAfterKrw });
}

type LineDraft = HistoryDraft['lines'][number];

/** Adds an attempt with its answer, at the position of their times. */
export function attempt(
  draft: HistoryDraft,
  asked: { op: number; atMs: number; user: string; kind: string; request: object; key?: string },
  answer: { atMs: number } & Record<string, unknown>,
): void {
  const { op, atMs, ...rest } = asked;
  const bodyHash = JSON.stringify(asked.request);
  const invoke = { type: 'invoke', op, client: 1, attempt: 1, atMs, key: `own ${op}`, bodyHash, ...rest };
  for (const line of [invoke, { op, status: 200, replayed: false, ...answer }] as LineDraft[]) {
    const place = draft.lines.findIndex((each) => each.type !== 'begin' && each.atMs > line.atMs);
    draft.lines.splice(place, 0, line);
  }
}
