import { hash } from 'node:crypto';
import type { AnswerLine, HistoryLine, InvokeLine, OkLine } from '../history/history-line.ts';

export interface Attempt {
  readonly invoke: InvokeLine;
  /** Undefined when no answer came before the history ended; equivalent to an unknown answer. */
  readonly answer: AnswerLine | undefined;
}

/** All attempts of one logical operation, in the order in which they began. */
export interface Operation {
  readonly name: string;
  readonly kind: InvokeLine['kind'];
  readonly attempts: readonly Attempt[];
  /** `failed` only when every attempt has definitely failed. */
  readonly outcome: 'acknowledged' | 'failed' | 'unknown';
}

/** Operations by name. */
export function operationsOf(lines: readonly HistoryLine[]): Map<string, Operation> {
  const answers = new Map<number, AnswerLine>();
  for (const line of lines) {
    if (line.type === 'ok' || line.type === 'fail' || line.type === 'unknown') answers.set(line.op, line);
  }
  const invokes = lines.filter((line): line is InvokeLine => line.type === 'invoke');
  return new Map(
    [...Map.groupBy(invokes, operationName)].map(([name, group]) => {
      const attempts = group.map((invoke) => ({ invoke, answer: answers.get(invoke.op) }));
      return [name, { name, kind: (group[0] as InvokeLine).kind, attempts, outcome: outcomeOf(attempts) }];
    }),
  );
}

/**
 * Identity of a logical operation: the scope within which its idempotency key is unique. A user gets each
 * coupon once, whatever key the claim has.
 */
function operationName(invoke: Pick<InvokeLine, 'kind' | 'user' | 'key' | 'request'>): string {
  switch (invoke.kind) {
    case 'claim-coupon':
      return nameOf(invoke.kind, invoke.user, (invoke.request as { couponId: string }).couponId);
    case 'adjust-stock':
      return nameOf(
        invoke.kind,
        (invoke.request as { productId: string }).productId,
        invoke.key && storedAdminKey(invoke.user, invoke.key),
      );
    case 'admin-cancel':
      return nameOf(
        invoke.kind,
        (invoke.request as { orderId: string }).orderId,
        storedAdminKey(invoke.user, invoke.key),
      );
    default:
      return nameOf(invoke.kind, invoke.user, invoke.key);
  }
}

/** An admin's key as stored in tables whose unique key has no column for the admin. */
export function storedAdminKey(adminId: string, key: string): string {
  return `admin ${hash('sha256', `${adminId} ${key}`, 'base64url')}`;
}

/** The operation that made a refund. No customer's key can contain a blank, so the name is unique. */
export function refundName({
  userId,
  orderId,
  key,
}: {
  readonly userId: string;
  readonly orderId: string | null;
  readonly key: string | null;
}): string {
  const isByAdmin = key?.startsWith('admin ') === true;
  return isByAdmin ? nameOf('admin-cancel', orderId ?? '', key) : nameOf('cancel', userId, key);
}

/** `within` is the user; for an adjustment the product; for a cancellation by an admin the order. */
export function nameOf(kind: InvokeLine['kind'], within: string, key: string | null): string {
  return `${kind} ${within} ${key ?? '(no key)'}`;
}

function outcomeOf(attempts: readonly Attempt[]): Operation['outcome'] {
  if (attempts.some(({ answer }) => answer?.type === 'ok')) return 'acknowledged';
  return attempts.every(({ answer }) => answer?.type === 'fail') ? 'failed' : 'unknown';
}

/** True if an operation of this kind leaves an effect in the database that its key identifies. */
export function leavesEffect(kind: InvokeLine['kind']): boolean {
  return EFFECTS.has(kind);
}

const EFFECTS: ReadonlySet<InvokeLine['kind']> = new Set([
  'order',
  'cancel',
  'charge',
  'claim-coupon',
  'adjust-stock',
  'admin-cancel',
  'create-product',
  'create-coupon',
] as const);

/**
 * Span in which the effect of an operation may have happened: from its first request until its first
 * acknowledgement, or without end if it was never acknowledged.
 */
export function spanOf(operation: Operation): { readonly fromMs: number; readonly toMs: number } {
  const { attempts } = operation;
  const able = attempts.filter(({ answer }) => answer?.type !== 'fail');
  return {
    fromMs: Math.min(...(able.length > 0 ? able : attempts).map(({ invoke }) => invoke.atMs)),
    toMs: Math.min(Infinity, ...acknowledgedOf(operation).map(({ answer }) => answer.atMs)),
  };
}

export interface Acknowledged {
  readonly invoke: InvokeLine;
  readonly answer: OkLine;
}

export function acknowledgedOf({ attempts }: Operation): Acknowledged[] {
  return attempts.flatMap(({ invoke, answer }) => (answer?.type === 'ok' ? [{ invoke, answer }] : []));
}
