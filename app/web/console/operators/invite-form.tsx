import { useState } from 'preact/hooks';
import type { Answer } from '../../client/rowlock-client.ts';
import { api, type RowlockProblem } from '../../shared/api.ts';
import { dateTime } from '../../shared/format.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { say } from '../parts/say.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { paths } from '../paths.ts';
import type { AdminRole } from '../session/session-state.ts';
import { operatorPageWords } from './operator-pages-words.ts';
import { RoleSelect } from './role-select.tsx';

/** Makes an invitation. Its link is shown once, because its token cannot be read again. */
export function InviteForm({ onInvited }: { onInvited: () => void }) {
  const words = operatorPageWords.value;
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<AdminRole>('operator');
  const [made, setMade] = useState<Answer<'inviteOperator'> | undefined>(undefined);
  const deed = useDeed(`${email} ${role}`, async () => {
    setMade(await api.call('inviteOperator', { body: { email: email.trim(), role } }));
    setEmail('');
    onInvited();
  });
  return (
    <form
      class="card pad"
      onSubmit={(event) => {
        event.preventDefault();
        void deed.run();
      }}
    >
      <h2 class="h3">{words.invite}</h2>
      <p class="small quiet">{words.inviteText}</p>
      <label class="field">
        {words.email}
        <input
          type="email"
          name="email"
          required
          maxLength={254}
          autocomplete="off"
          value={email}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </label>
      <div class="field">
        <span>{words.role}</span>
        <RoleSelect label={words.role} value={role} onChoose={setRole} />
      </div>
      <DeedError error={deed.error} text={problemText} />
      <button type="submit" disabled={email.trim() === '' || deed.isBusy}>
        {words.doInvite}
      </button>
      {made !== undefined && <InvitationLink invitation={made} />}
    </form>
  );
}

function InvitationLink({ invitation }: { invitation: Answer<'inviteOperator'> }) {
  const words = operatorPageWords.value;
  const link = `${location.origin}${paths.join}#${invitation.token}`;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(link);
    say('ok', words.copied);
  };
  return (
    <div class="told ok" role="status">
      <span>{words.invited(invitation.email, dateTime(invitation.expiresAt))}</span>
      <code class="tiny token">{link}</code>
      <button type="button" class="plain" onClick={() => void copy()}>
        {words.copy}
      </button>
    </div>
  );
}

function problemText({ code }: RowlockProblem): string | undefined {
  return code === 'operator_exists' ? operatorPageWords.value.exists : undefined;
}
