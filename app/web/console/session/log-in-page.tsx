import { useState } from 'preact/hooks';
import { api, RowlockProblem } from '../../shared/api.ts';
import { Preferences } from '../../shared/preferences.tsx';
import { useTitle } from '../frame/use-title.ts';
import { beginSession } from './session-state.ts';
import { sessionWords } from './words.ts';

/** Log-in of an admin. The view that required it then takes its place. */
export function LogInPage({ hasEnded }: { hasEnded: boolean }) {
  const words = sessionWords.value;
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  useTitle(words.logIn);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    if (isBusy) return;
    const data = new FormData(form);
    const textOf = (name: string): string => {
      const value = data.get(name);
      return typeof value === 'string' ? value : '';
    };
    setBusy(true);
    setProblem(undefined);
    try {
      const body = { email: textOf('email').trim(), password: textOf('password') };
      const { user } = await api.call('logIn', { body });
      return beginSession(user);
    } catch (error) {
      setProblem(problemText(error));
    }
    setBusy(false);
  };
  return (
    <main id="content" class="door">
      <div class="door-brand display">Rowlock</div>
      <h1>{words.title}</h1>
      <p class="quiet">{words.lead}</p>
      {hasEnded && (
        <p class="told warn" role="status">
          {words.ended}
        </p>
      )}
      <form
        class="card pad"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <label class="field">
          {words.email}
          <input type="email" name="email" autocomplete="username" required maxLength={254} />
        </label>
        <label class="field">
          {words.password}
          <input type="password" name="password" autocomplete="current-password" required maxLength={128} />
        </label>
        <div role="alert">{problem !== undefined && <p class="told bad">{problem}</p>}</div>
        <button type="submit" aria-disabled={isBusy}>
          {isBusy ? words.busy : words.logIn}
        </button>
      </form>
      <Preferences />
    </main>
  );
}

function problemText(error: unknown): string {
  const words = sessionWords.value;
  if (!(error instanceof RowlockProblem)) return words.failed;
  switch (error.code) {
    case 'invalid_credentials':
      return words.wrong;
    case 'rate_limited':
      return words.throttled;
    case 'validation_failed':
      return words.invalid;
    default:
      return words.failed;
  }
}
