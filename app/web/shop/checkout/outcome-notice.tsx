import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { krw } from '../../shared/format.ts';
import { accountState, customerOf } from '../account/account-state.ts';
import { paths } from '../paths.ts';
import { words } from '../words/shop-words.ts';
import type { PurchaseState } from './purchase.ts';
import { refusalOf } from './refusal.ts';
import { purchases } from './shop-purchases.ts';

/** Tells what became of a purchase, in words, and only its customer. Nothing while there is none. */
export function OutcomeNotice() {
  const state = purchases.state.value;
  const account = customerOf(accountState.value);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (state.step !== 'none') place.current?.scrollIntoView({ block: 'nearest' });
  }, [state.step]);
  return (
    <div ref={place} role="status" class="outcome" data-step={state.step}>
      {state.step !== 'none' &&
        (account === undefined ? state.step === 'session' : account.id === state.purchase.userId) && (
          <Outcome state={state} />
        )}
    </div>
  );
}

function Outcome({ state }: { state: Exclude<PurchaseState, { step: 'none' }> }) {
  const said = words.value.outcome;
  const { path } = useLocation();
  const account = customerOf(accountState.value);
  switch (state.step) {
    case 'sending':
      return <Told kind="warn" title={said.sending} text={said.sendingText} />;
    case 'checking':
      return state.why === 'lost' ? (
        <Told kind="warn" title={said.checking} text={said.checkingText} />
      ) : (
        <Busy nextAt={state.nextAt} />
      );
    case 'unknown':
      return (
        <Told kind="warn" title={said.unknown} text={said.unknownText}>
          <button type="button" onClick={() => void purchases.resume(state.purchase.userId)}>
            {said.check}
          </button>
        </Told>
      );
    case 'session':
      return (
        <Told kind="warn" title={said.session} text={said.sessionText}>
          {account === undefined && (
            <a class="button" href={paths.logIn(state.purchase.from)}>
              {words.value.account.logIn}
            </a>
          )}
        </Told>
      );
    case 'ordered': {
      const { order, isReplay } = state;
      const text = said.orderedText(krw(order.total), krw(order.balanceAfter));
      return (
        <Told
          kind="ok"
          title={isReplay ? said.replayed : said.ordered}
          text={isReplay ? `${said.replayedText} ${text}` : text}
        >
          <span class="row">
            <a class="button" href={paths.order(order.id)} onClick={() => purchases.dismiss()}>
              {said.see}
            </a>
            <Dismiss />
          </span>
        </Told>
      );
    }
    case 'refused': {
      const { title, text } = refusalOf(state.problem, said);
      const isShort = state.problem['code'] === 'insufficient_balance';
      return (
        <Told kind="bad" title={title} text={`${text} ${said.nothingPaid}`.trim()}>
          <span class="row">
            {isShort && path !== paths.balance && (
              <a class="button" href={paths.balance}>
                {words.value.checkout.charge}
              </a>
            )}
            <Dismiss />
          </span>
        </Told>
      );
    }
  }
}

interface ToldProps {
  readonly kind: 'ok' | 'warn' | 'bad';
  readonly title: string;
  readonly text: string;
  readonly children?: preact.ComponentChildren;
}

function Told({ kind, title, text, children }: ToldProps) {
  return (
    <div class={`told ${kind}`}>
      <b>{title}</b>
      <span>{text}</span>
      {children}
    </div>
  );
}

function Dismiss() {
  return (
    <button type="button" class="plain" onClick={() => purchases.dismiss()}>
      {words.value.outcome.dismiss}
    </button>
  );
}

function Busy({ nextAt }: { nextAt: number }) {
  const said = words.value.outcome;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(1, Math.ceil((nextAt - now) / 1000));
  return <Told kind="warn" title={said.busy} text={said.busyText(seconds)} />;
}
