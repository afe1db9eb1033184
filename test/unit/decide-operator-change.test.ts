import { expect } from 'chai';
import type { Operator } from '../../app/accounts/operator-sql.ts';
import { decideOperatorChange } from '../../app/operators/decide-operator-change.ts';

const AT = new Date('2026-11-30T00:00:00Z');
const EARLIER = new Date('2026-11-01T00:00:00Z');
const operator = (id: string, role: Operator['role'], disabledAt?: Date): Operator => {
  return { id, role, disabledAt, email: `${id}@example.com`, createdAt: EARLIER };
};
const decide = (
  operators: readonly Operator[],
  operatorId: string,
  role: Operator['role'],
  isDisabled = false,
) => decideOperatorChange(operators, { operatorId, role, isDisabled }, AT);

describe('the decision about a change of an operator', () => {
  const [ann, bob] = [operator('ann', 'owner'), operator('bob', 'viewer')];

  it('keeps the last owner who can log in', () => {
    expect(decide([ann, bob], 'ann', 'operator').code).to.equal('last_owner');
    expect(decide([ann, bob], 'ann', 'owner', true).code).to.equal('last_owner');
    const away = operator('eve', 'owner', EARLIER);
    expect(decide([ann, away], 'ann', 'viewer').code).to.equal('last_owner');
    expect(decide([ann, operator('eve', 'owner')], 'ann', 'viewer').code).to.equal('changed');
    expect(decide([ann, bob], 'ann', 'owner').code).to.equal('changed');
  });

  it('keeps the time at which an admin was disabled first, and forgets it when enabled', () => {
    const away = operator('bob', 'viewer', EARLIER);
    expect(decide([ann, away], 'bob', 'viewer', true)).to.have.nested.property('after.disabledAt', EARLIER);
    expect(decide([ann, bob], 'bob', 'viewer', true)).to.have.nested.property('after.disabledAt', AT);
    expect(decide([ann, away], 'bob', 'viewer')).to.have.nested.property('after.disabledAt', undefined);
  });

  it('finds no one but admins', () => {
    expect(decide([ann], 'bob', 'viewer').code).to.equal('operator_not_found');
  });
});
