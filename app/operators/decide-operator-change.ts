import type { Operator } from '../accounts/operator-sql.ts';

/**
 * Decides whether an owner may change an admin's role or status. Pure. A shop always keeps an owner who can
 * log in: without one, no other could be made.
 *
 * | precedence | result               | when                                                     |
 * |-----------:|----------------------|----------------------------------------------------------|
 * | 1          | `operator_not_found` | there is no such admin                                   |
 * | 2          | `last_owner`         | no other owner is enabled, and this one would not be one |
 * | 3          | `changed`            | none of the above                                        |
 */
export function decideOperatorChange(
  operators: readonly Operator[],
  { operatorId, role, isDisabled }: OperatorChange,
  at: Date,
): OperatorDecision {
  const before = operators.find(({ id }) => id === operatorId);
  if (before === undefined) return { code: 'operator_not_found' };
  const after = { ...before, role, disabledAt: isDisabled ? (before.disabledAt ?? at) : undefined };
  const others = operators.filter(({ id }) => id !== operatorId);
  if (![...others, after].some(isEnabledOwner)) return { code: 'last_owner' };
  return { code: 'changed', before, after };
}

export interface OperatorChange {
  readonly operatorId: string;
  readonly role: Operator['role'];
  readonly isDisabled: boolean;
}

export type OperatorDecision =
  | { readonly code: 'operator_not_found' | 'last_owner' }
  | { readonly code: 'changed'; readonly before: Operator; readonly after: Operator };

const isEnabledOwner = ({ role, disabledAt }: Operator) => role === 'owner' && disabledAt === undefined;
