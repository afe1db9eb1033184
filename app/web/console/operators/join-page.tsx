import { useState } from 'preact/hooks';
import { api, type RowlockProblem } from '../../shared/api.ts';
import { Preferences } from '../../shared/preferences.tsx';
import { useTitle } from '../frame/use-title.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { paths } from '../paths.ts';
import { operatorPageWords } from './operator-pages-words.ts';

/** Accepts an invitation. Its token is in the fragment of the address, which no server and no log sees. */
export function JoinPage() {
  const words = operatorPageWords.value;
  const [password, setPassword] = useState('');
  const [isDone, setDone] = useState(false);
  useTitle(words.joinTitle);
  const deed = useDeed('join', async () => {
    await api.call('acceptInvitation', { body: { token: location.hash.slice(1), password } });
    history.replaceState(null, '', paths.join);
    setDone(true);
  });
  return (
    <main id="content" class="door">
      <div class="door-brand display">Rowlock</div>
      <h1>{words.joinTitle}</h1>
      {isDone ? (
        <>
          <p class="told ok" role="status">
            {words.joined}
          </p>
          <a class="button" href={paths.overview}>
            {words.toLogIn}
          </a>
        </>
      ) : (
        <form
          class="card pad"
          onSubmit={(event) => {
            event.preventDefault();
            void deed.run();
          }}
        >
          <p class="small quiet">{words.joinText}</p>
          <label class="field">
            {words.password}
            <input
              type="password"
              name="password"
              autocomplete="new-password"
              required
              minLength={8}
              maxLength={128}
              value={password}
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
          </label>
          <DeedError error={deed.error} text={problemText} />
          <button type="submit" aria-disabled={deed.isBusy}>
            {words.join}
          </button>
        </form>
      )}
      <Preferences />
    </main>
  );
}

function problemText({ code }: RowlockProblem): string | undefined {
  return code === 'invitation_not_found' || code === 'validation_failed'
    ? operatorPageWords.value.badLink
    : undefined;
}
