import { useState } from 'preact/hooks';
import { api } from '../../shared/api.ts';
import { useLoad } from '../../shared/use-load.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { Page } from '../parts/page.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { paths } from '../paths.ts';
import { may } from '../session/session-state.ts';
import { saleWords } from '../sale/words.ts';
import { type DemoSale, type ShownState, shownState } from './demo-sale.ts';
import { SaleLane } from './sale-lane.tsx';
import { StartForm } from './start-form.tsx';
import { demoSaleWords } from './words.ts';

const EVERY_MS = 500;

const tones: Readonly<Record<ShownState, string>> = {
  waiting: 'accent',
  running: 'accent',
  done: 'ok',
  stopped: 'warn',
  failed: 'bad',
  silent: 'bad',
};

/** Starts a sale to a made-up crowd, shows it while it runs, and says whether it added up. */
export function DemoSalePage() {
  const words = demoSaleWords.value;
  const loaded = useLoad('demo-sale', (signal) => api.call('readDemoSale', { signal }), {
    everyMs: EVERY_MS,
  });
  const sale = loaded.data?.sale ?? undefined;
  const state = sale && shownState(sale, loaded.at ?? 0);
  return (
    <Page
      title={words.title}
      above={{ href: paths.saleRoom, text: saleWords.value.title }}
      at={loaded.at}
      state={state && <span class={`pill ${tones[state]}`}>{words.states[state]}</span>}
    >
      <p class="quiet">{words.intro}</p>
      <View loaded={loaded} skeleton={<SkeletonCards />}>
        {({ isAvailable }) =>
          isAvailable ? (
            <Room sale={sale} state={state} onChanged={loaded.reload} />
          ) : (
            <div class="told">
              <p>{words.onlyHere}</p>
              <code>npm run sale -- --url {location.origin}</code>
            </div>
          )
        }
      </View>
    </Page>
  );
}

function Room(props: { sale: DemoSale | undefined; state: ShownState | undefined; onChanged: () => void }) {
  const { sale, state, onChanged } = props;
  const words = demoSaleWords.value;
  const isUnderWay = state === 'waiting' || state === 'running';
  return (
    <div class="stack">
      {may('operator') && !isUnderWay && <StartForm onStarted={onChanged} />}
      {sale === undefined ? (
        <p class="empty">{words.none}</p>
      ) : (
        <>
          <div class="row">
            {sale.product !== null && <a href={paths.product(sale.product.id)}>{sale.product.name}</a>}
            <span class="quiet small num">{words.about(sale.units, sale.buyers, sale.overS)}</span>
            {may('operator') && isUnderWay && <StopButton sale={sale} onChanged={onChanged} />}
          </div>
          {state === 'silent' && <p class="told bad">{words.silent}</p>}
          {sale.reason !== null && <p class={`told ${tones[sale.state]}`}>{sale.reason}</p>}
          <div class="lanes">
            {sale.lanes.map((lane) => (
              <SaleLane key={lane.seller} sale={sale} lane={lane} />
            ))}
          </div>
          {sale.lanes.length > 0 && <Verdict sale={sale} />}
        </>
      )}
    </div>
  );
}

function StopButton({ sale, onChanged }: { sale: DemoSale; onChanged: () => void }) {
  const words = demoSaleWords.value;
  const [isAsked, setAsked] = useState('');
  const deed = useDeed(sale.id, async () => {
    await api.call('stopDemoSale');
    setAsked(sale.id);
    onChanged();
  });
  return (
    <span class="end">
      <DeedError error={deed.error} />
      <button type="button" class="danger" aria-disabled={deed.isBusy} onClick={() => void deed.run()}>
        {isAsked === sale.id ? words.stopping : words.stop}
      </button>
    </span>
  );
}

function Verdict({ sale }: { sale: DemoSale }) {
  const words = demoSaleWords.value;
  const { audit } = sale;
  if (audit === null) return sale.state === 'running' ? <p class="quiet small">{words.auditing}</p> : null;
  const isRight = audit.isClean && sale.lanes.every(({ result }) => result?.oversold === 0);
  return (
    <p class="card pad verdict" role="status">
      <span class={`pill ${isRight ? 'ok' : 'bad'}`}>{isRight ? words.addsUp : words.broken}</span>
      <span>{isRight ? words.verdict(sale.units) : audit.line}</span>
      <a class="end" href={paths.audit}>
        {words.openAudit}
      </a>
    </p>
  );
}
