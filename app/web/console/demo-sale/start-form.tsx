import { useState } from 'preact/hooks';
import { api, type RowlockProblem } from '../../shared/api.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { demoSaleWords } from './words.ts';

const BUYERS_MAX = 20_000;
const OVER_MAX_S = 60;

/** Starts the next sale. The bounds are those of the API. */
export function StartForm({ onStarted }: { onStarted: () => void }) {
  const words = demoSaleWords.value;
  const [terms, setTerms] = useState({ buyers: 10_000, units: 100, overS: 5, naive: true });
  const deed = useDeed(JSON.stringify(terms), async () => {
    await api.call('startDemoSale', { body: terms });
    onStarted();
  });
  const number = (name: 'buyers' | 'units' | 'overS', max: number, min = 1) => (
    <label class="field">
      {words[name]}
      <input
        class="num"
        name={name}
        type="number"
        required
        min={min}
        max={max}
        value={terms[name]}
        onInput={({ currentTarget }) => setTerms({ ...terms, [name]: currentTarget.valueAsNumber })}
      />
    </label>
  );
  return (
    <form
      class="card pad sale-terms"
      onSubmit={(event) => {
        event.preventDefault();
        void deed.run();
      }}
    >
      <h2 class="h3">{words.terms}</h2>
      <div class="sale-numbers">
        {number('buyers', BUYERS_MAX)}
        {number('units', BUYERS_MAX)}
        {number('overS', OVER_MAX_S, 0)}
      </div>
      <label class="row small check">
        <input
          type="checkbox"
          name="naive"
          checked={terms.naive}
          onChange={({ currentTarget }) => setTerms({ ...terms, naive: currentTarget.checked })}
        />
        {words.naive}
      </label>
      <DeedError error={deed.error} text={saidBy} />
      <button type="submit" aria-disabled={deed.isBusy}>
        {words.start(terms.buyers || 0, terms.units || 0)}
      </button>
    </form>
  );
}

function saidBy(problem: RowlockProblem): string | undefined {
  return problem.code === 'demo_sale_running' ? demoSaleWords.value.states.running : undefined;
}
