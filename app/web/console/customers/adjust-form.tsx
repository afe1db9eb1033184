import { useState } from 'preact/hooks';
import { api, type RowlockProblem } from '../../shared/api.ts';
import { krw } from '../../shared/format.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { say } from '../parts/say.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { customerWords } from './words.ts';

const AMOUNT_MAX_KRW = 10_000_000;
const REASON_MAX = 200;

/** Corrects a balance by an entry of its own in the ledger. */
export function AdjustForm({ customerId, onAdjusted }: { customerId: string; onAdjusted: () => void }) {
  const words = customerWords.value;
  const [amount, setAmount] = useState<number | undefined>(undefined);
  const [reason, setReason] = useState('');
  const deed = useDeed(`${customerId} ${amount} ${reason}`, async (key) => {
    const body = { amount: amount ?? 0, reason: reason.trim() };
    const { balanceAfter } = await api.call('adjustBalance', { path: { customerId }, body, key });
    say('ok', words.adjusted(krw(balanceAfter - body.amount), krw(balanceAfter)));
    setAmount(undefined);
    setReason('');
    onAdjusted();
  });
  return (
    <form
      class="stack small-gap"
      onSubmit={(event) => {
        event.preventDefault();
        void deed.run();
      }}
    >
      <h3>{words.adjust}</h3>
      <p class="small quiet">{words.adjustText}</p>
      <label class="field">
        {words.adjustAmount}
        <input
          class="num"
          name="amount"
          type="number"
          step={1}
          min={-AMOUNT_MAX_KRW}
          max={AMOUNT_MAX_KRW}
          required
          value={amount ?? ''}
          onInput={({ currentTarget: { value } }) => setAmount(value === '' ? undefined : Number(value))}
        />
      </label>
      <label class="field">
        {words.reason}
        <input
          name="reason"
          required
          maxLength={REASON_MAX}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <DeedError error={deed.error} text={problemText} />
      <button type="submit" class="plain" disabled={!amount || reason.trim() === '' || deed.isBusy}>
        {deedText(amount)}
      </button>
    </form>
  );
}

function deedText(amount: number | undefined): string {
  const words = customerWords.value;
  if (!amount) return words.doAdjust;
  return amount > 0 ? words.doAdd(krw(amount)) : words.doRemove(krw(-amount));
}

function problemText({ code, problem }: RowlockProblem): string | undefined {
  return code === 'insufficient_balance'
    ? customerWords.value.tooLittle(krw(Number(problem['balance'])))
    : undefined;
}
