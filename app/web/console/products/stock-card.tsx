import { useState } from 'preact/hooks';
import { api, type RowlockProblem } from '../../shared/api.ts';
import { frameWords } from '../frame/words.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { say } from '../parts/say.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { may } from '../session/session-state.ts';
import type { AdminProduct } from './product.ts';
import { StockFigure } from './product-state.tsx';
import { productWords } from './words.ts';

const REASON_MAX = 200;

/** The stock of a product, and its change with a reason that stays in the ledger and the trail. */
export function StockCard({ product, onChanged }: { product: AdminProduct; onChanged: () => void }) {
  const words = productWords.value;
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{words.stock}</h2>
      </div>
      <b class="figure num">
        <StockFigure stock={product.stock} />
      </b>
      {may('operator') && <AdjustmentForm productId={product.id} onChanged={onChanged} />}
    </section>
  );
}

function AdjustmentForm({ productId, onChanged }: { productId: string; onChanged: () => void }) {
  const words = productWords.value;
  const [delta, setDelta] = useState<number | undefined>(undefined);
  const [reason, setReason] = useState('');
  const deed = useDeed(`${productId} ${delta} ${reason}`, async (key) => {
    const body = { delta: delta ?? 0, reason: reason.trim() };
    const { stock } = await api.call('adjustStock', { path: { productId }, body, key });
    say('ok', words.adjusted(stock - body.delta, stock));
    setDelta(undefined);
    setReason('');
    onChanged();
  });
  return (
    <form
      class="stack small-gap"
      onSubmit={(event) => {
        event.preventDefault();
        void deed.run();
      }}
    >
      <label class="field">
        {words.delta}
        <input
          class="num"
          name="delta"
          type="number"
          step={1}
          required
          value={delta ?? ''}
          onInput={({ currentTarget: { value } }) => setDelta(value === '' ? undefined : Number(value))}
        />
      </label>
      <label class="field">
        {frameWords.value.reason}
        <input
          name="reason"
          required
          maxLength={REASON_MAX}
          placeholder={words.reasonHint}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <DeedError error={deed.error} text={problemText} />
      <button type="submit" class="plain" disabled={!delta || reason.trim() === '' || deed.isBusy}>
        {deedText(delta)}
      </button>
    </form>
  );
}

function deedText(delta: number | undefined): string {
  const words = productWords.value;
  if (!delta) return words.doAdjust;
  return delta > 0 ? words.doAdd(delta) : words.doRemove(-delta);
}

function problemText({ code, problem }: RowlockProblem): string | undefined {
  const words = productWords.value;
  if (code === 'out_of_stock') return words.tooFew(Number(problem['available']));
  if (code === 'stock_too_large') return words.tooMany;
  return code === 'product_not_found' ? words.gone : undefined;
}
