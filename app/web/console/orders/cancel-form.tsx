import { useState } from 'preact/hooks';
import { api, type RowlockProblem } from '../../shared/api.ts';
import { krw } from '../../shared/format.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { say } from '../parts/say.tsx';
import { useDeed } from '../parts/use-deed.ts';
import type { OrderTrace } from './order.ts';
import { orderWords } from './words.ts';

const REASON_MAX = 150;

/** Cancels an order for its customer. The reason stays with the restocks and in the trail. */
export function CancelForm({ order, onCancelled }: { order: OrderTrace; onCancelled: () => void }) {
  const words = orderWords.value;
  const [reason, setReason] = useState('');
  const deed = useDeed(`${order.id} ${reason}`, async (key) => {
    const body = { reason: reason.trim() };
    await api.call('cancelOrderForCustomer', { path: { orderId: order.id }, body, key });
    say('ok', words.done(krw(order.total)));
    onCancelled();
  });
  return (
    <form
      class="stack small-gap"
      onSubmit={(event) => {
        event.preventDefault();
        void deed.run();
      }}
    >
      <p class="small quiet">{words.cancelText}</p>
      <label class="field">
        {words.cancelReason}
        <input
          name="reason"
          required
          maxLength={REASON_MAX}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <DeedError error={deed.error} text={problemText} />
      <button type="submit" class="danger" disabled={reason.trim() === '' || deed.isBusy}>
        {words.doCancel(krw(order.total))}
      </button>
    </form>
  );
}

function problemText({ code }: RowlockProblem): string | undefined {
  return code === 'order_not_cancellable' ? orderWords.value.notCancellable : undefined;
}
