import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api, RowlockProblem } from '../../shared/api.ts';
import { cart } from '../cart/cart-state.ts';
import { paths, safeNext } from '../paths.ts';
import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';
import { accountState, beginSession } from './account-state.ts';

export function LogInPage() {
  return <CredentialsPage isNew={false} />;
}

export function SignUpPage() {
  return <CredentialsPage isNew />;
}

/** Log-in, or sign-up followed by the log-in. Leads back to the view that required it. */
function CredentialsPage({ isNew }: { isNew: boolean }) {
  const said = words.value.account;
  const { query, route } = useLocation();
  const next = safeNext(query['next']);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const title = isNew ? said.signUp : said.logIn;
  useTitle(title);
  const state = accountState.value;
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    const body = { email: textOf(data, 'email').trim(), password: textOf(data, 'password') };
    if (isBusy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      if (isNew) await api.call('signUp', { body });
      const { user, cart: merge } = await api.call('logIn', { body });
      // The guest's cart is part of the account's now.
      cart.value = undefined;
      beginSession(user);
      route(next, true);
      if (merge !== null && merge.adjustments.length > 0) setProblem(words.value.cart.merged);
    } catch (error) {
      setProblem(problemText(error));
    }
    setBusy(false);
  };
  return (
    <section class="narrow small-form">
      <h1>{title}</h1>
      {state.code === 'guest' && state.hasEnded && <p class="told warn">{said.ended}</p>}
      <form
        class="card pad"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <label class="field">
          {said.email}
          <input type="email" name="email" autocomplete="username" required maxLength={254} />
        </label>
        <label class="field">
          {isNew ? said.newPassword : said.password}
          <input
            type="password"
            name="password"
            autocomplete={isNew ? 'new-password' : 'current-password'}
            required
            minLength={isNew ? 8 : 1}
            maxLength={128}
          />
        </label>
        <div role="alert">{problem !== undefined && <p class="told bad">{problem}</p>}</div>
        <button type="submit" aria-disabled={isBusy}>
          {isBusy ? said.busy : isNew ? said.doSignUp : said.doLogIn}
        </button>
      </form>
      <p class="small">
        {isNew ? said.hasAccount : said.noAccount}{' '}
        <a href={isNew ? paths.logIn(query['next']) : paths.signUp(query['next'])}>
          {isNew ? said.logIn : said.signUp}
        </a>
      </p>
    </section>
  );
}

function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === 'string' ? value : '';
}

function problemText(error: unknown): string {
  const said = words.value.account;
  if (!(error instanceof RowlockProblem)) return said.failed;
  switch (error.code) {
    case 'invalid_credentials':
      return said.wrong;
    case 'email_taken':
      return said.taken;
    case 'rate_limited':
      return said.throttled;
    case 'validation_failed':
      return said.invalid;
    default:
      return said.failed;
  }
}
