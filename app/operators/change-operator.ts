import { lockOperators, type Operator, updateOperator } from '../accounts/operator-sql.ts';
import type { Database } from '../platform/mysql/database.ts';
import { recordAction } from './action-sql.ts';
import type { Actor } from './admin-action.ts';
import { changedValues } from './changed-values.ts';
import {
  decideOperatorChange,
  type OperatorChange,
  type OperatorDecision,
} from './decide-operator-change.ts';

/**
 * Changes an admin's role or status under the lock of all admins. Every change ends the admin's sessions. A
 * change to the current value changes nothing, so the call is safe to repeat.
 */
export async function changeOperator(
  { database, nowMs }: { readonly database: Database; readonly nowMs: () => number },
  { actor, ...change }: OperatorChange & { readonly actor: Actor },
): Promise<OperatorDecision> {
  return database.withTransaction({ name: 'change_operator', rerunnable: true }, async (tx) => {
    const decision = decideOperatorChange(await lockOperators(tx), change, new Date(nowMs()));
    if (decision.code !== 'changed') return decision;
    const values = changedValues(operatorFields(decision.before), operatorFields(decision.after));
    if (Object.keys(values.after).length === 0) return decision;
    await updateOperator(tx, decision.after);
    await recordAction(tx, actor, {
      action: 'operator_changed',
      target: { kind: 'operator', id: change.operatorId },
      ...values,
    });
    return decision;
  });
}

/** What an owner sets of an admin, by the names of the API. */
export function operatorFields({ role, disabledAt }: Operator) {
  return { role, status: disabledAt === undefined ? ('ACTIVE' as const) : ('DISABLED' as const) };
}
