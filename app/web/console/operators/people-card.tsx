import type { Answer } from '../../client/rowlock-client.ts';
import { api, type RowlockProblem } from '../../shared/api.ts';
import { dateTime } from '../../shared/format.ts';
import { useLoad } from '../../shared/use-load.ts';
import { type Column, DataTable, TableSkeleton } from '../parts/data-table.tsx';
import { DeedError } from '../parts/deed-error.tsx';
import { say } from '../parts/say.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { View } from '../parts/view.tsx';
import { session } from '../session/session-state.ts';
import { sessionWords } from '../session/words.ts';
import { InviteForm } from './invite-form.tsx';
import { operatorPageWords } from './operator-pages-words.ts';
import { RoleSelect } from './role-select.tsx';

type Operator = Answer<'listOperators'>['data'][number];

/** More admins than a shop has. */
const SHOWN_MAX = 100;

export function PeopleCard() {
  const words = operatorPageWords.value;
  const loaded = useLoad('operators', (signal) =>
    api.call('listOperators', { query: { limit: SHOWN_MAX }, signal }),
  );
  const columns = peopleColumns(loaded.reload);
  return (
    <div class="columns">
      <section class="card pad">
        <h2 class="h3">{words.people}</h2>
        <View loaded={loaded} skeleton={<TableSkeleton columns={columns} rows={3} />}>
          {({ data, invitations }) => (
            <>
              <DataTable caption={words.people} items={data} keyOf={({ id }) => id} columns={columns} />
              {invitations.length > 0 && (
                <>
                  <h3>{words.open}</h3>
                  <DataTable
                    caption={words.open}
                    items={invitations}
                    keyOf={({ email }) => email}
                    columns={[
                      { head: words.email, cell: ({ email }) => <b>{email}</b> },
                      { head: words.role, cell: ({ role }) => sessionWords.value.roles[role] },
                      { head: words.until, isNumber: true, cell: ({ expiresAt }) => dateTime(expiresAt) },
                    ]}
                  />
                </>
              )}
            </>
          )}
        </View>
      </section>
      <InviteForm onInvited={loaded.reload} />
    </div>
  );
}

function peopleColumns(onChanged: () => void): Column<Operator>[] {
  const words = operatorPageWords.value;
  return [
    {
      head: words.email,
      cell: ({ id, email }) => (
        <span>
          <b>{email}</b> {isSelf(id) && <span class="pill accent">{words.you}</span>}
        </span>
      ),
    },
    {
      head: words.status,
      cell: ({ status }) => (
        <span class={status === 'ACTIVE' ? 'pill ok' : 'pill bad'}>{words.statuses[status]}</span>
      ),
    },
    { head: words.since, isNumber: true, cell: ({ createdAt }) => dateTime(createdAt) },
    {
      head: words.role,
      isNumber: true,
      cell: (operator) => <OperatorControls operator={operator} onChanged={onChanged} />,
    },
  ];
}

function OperatorControls({ operator, onChanged }: { operator: Operator; onChanged: () => void }) {
  const words = operatorPageWords.value;
  const { id, email, role, status } = operator;
  const change = useChange(operator, onChanged);
  return (
    <span class="controls">
      <RoleSelect
        label={`${words.role}: ${email}`}
        value={role}
        onChoose={(chosen) => void change.run(chosen, status)}
      />
      <button
        type="button"
        class="text"
        disabled={isSelf(id)}
        onClick={() => void change.run(role, status === 'ACTIVE' ? 'DISABLED' : 'ACTIVE')}
      >
        {status === 'ACTIVE' ? words.disable : words.enable}
      </button>
      <DeedError error={change.error} text={problemText} />
    </span>
  );
}

function useChange({ id, email }: Operator, onChanged: () => void) {
  const wanted: { body?: Pick<Operator, 'role' | 'status'> } = {};
  const deed = useDeed(id, async () => {
    if (wanted.body === undefined) return;
    await api.call('replaceOperator', { path: { operatorId: id }, body: wanted.body });
    say('ok', operatorPageWords.value.changed(email));
  });
  return {
    error: deed.error,
    async run(role: Operator['role'], status: Operator['status']): Promise<void> {
      wanted.body = { role, status };
      await deed.run();
      // Also after a refusal: the list shows what is stored.
      onChanged();
    },
  };
}

function isSelf(id: string): boolean {
  const { value } = session;
  return value.code === 'admin' && value.account.id === id;
}

function problemText({ code }: RowlockProblem): string | undefined {
  return code === 'last_owner' ? operatorPageWords.value.lastOwner : undefined;
}
