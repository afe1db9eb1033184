import { useEffect, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { LiveChart } from '../chart/live-chart.tsx';
import { count, timeOfDay } from '../../shared/format.ts';
import { useLoad } from '../../shared/use-load.ts';
import { refusalsOf, useOverview } from '../overview/overview.ts';
import { RefusalBars } from '../overview/tiles.tsx';
import { Page } from '../parts/page.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { type AdminProduct, readProduct } from '../products/product.ts';
import { StatusPill } from '../products/product-state.tsx';
import { may } from '../session/session-state.ts';
import { type BurnDown, nothingWatched, rateOf, soldOutAfterMs, watched } from './burn-down.ts';
import { StopButton } from './stop-button.tsx';
import { saleWords } from './words.ts';

const EVERY_MS = 1000;

/** One product as it sells. */
export function SalePage() {
  const { id = '' } = useRoute().params;
  return <SaleRoom key={id} productId={id} />;
}

function SaleRoom({ productId }: { productId: string }) {
  const words = saleWords.value;
  const loaded = useLoad(productId, (signal) => readProduct(productId, signal), { everyMs: EVERY_MS });
  const [burnDown, setBurnDown] = useState(nothingWatched);
  const { data: product, at } = loaded;
  useEffect(() => {
    if (product === undefined || at === undefined) return;
    setBurnDown((before) => watched(before, { atMs: at, stock: product.stock }));
  }, [at]);
  return (
    <Page
      title={product?.name ?? words.title}
      above={{ href: paths.saleRoom, text: words.title }}
      at={at}
      state={product && <StatePill product={product} burnDown={burnDown} />}
      actions={product && may('operator') && <StopButton product={product} onChanged={loaded.reload} />}
    >
      <View loaded={loaded} skeleton={<SkeletonCards />}>
        {(shown) => (
          <>
            <Lane product={shown} burnDown={burnDown} />
            <p class="card pad verdict small">
              <span>{words.auditText}</span>
              <span class="row end">
                <a href={paths.product(shown.id)}>{words.product}</a>
                <a href={`${paths.orders}?productId=${shown.id}`}>{words.orders}</a>
                <a href={paths.audit}>{words.audit}</a>
              </span>
            </p>
          </>
        )}
      </View>
    </Page>
  );
}

function StatePill({ product, burnDown }: { product: AdminProduct; burnDown: BurnDown }) {
  const words = saleWords.value;
  if (product.status === 'INACTIVE' || product.stock > 0) return <StatusPill product={product} />;
  const afterMs = soldOutAfterMs(burnDown);
  return (
    <span class="pill warn num">
      {afterMs === undefined ? words.soldOut : words.soldOutAfter((afterMs / 1000).toFixed(0))}
    </span>
  );
}

function Lane({ product, burnDown }: { product: AdminProduct; burnDown: BurnDown }) {
  const words = saleWords.value;
  const units = Math.max(burnDown.units, product.stock);
  const [first] = burnDown.samples;
  return (
    <section class="card pad lane">
      <div class="cap">
        <b class="huge num">
          {count(product.stock)} <small>{words.leftOf(units)}</small>
        </b>
        <span class="tiny quiet num">
          {product.purchaseLimit !== null && `${words.limit(product.purchaseLimit)} · `}
          {first !== undefined && words.since(timeOfDay(first.atMs))}
        </span>
      </div>
      {burnDown.raised > 0 && <p class="small quiet">{words.raised(burnDown.raised)}</p>}
      <LiveChart
        label={words.chart(product.stock, units)}
        series={[{ name: words.curve, tone: 'accent', isFilled: true, isStepped: true }]}
        times={burnDown.samples.map(({ atMs }) => atMs / 1000)}
        values={[burnDown.samples.map(({ stock }) => stock)]}
        height={280}
        max={Math.max(1, units)}
      />
      <Figures burnDown={burnDown} />
    </section>
  );
}

interface Fact {
  readonly name: string;
  readonly value: string | undefined;
  /** Why there is no value. */
  readonly reason?: string;
}

function Figures({ burnDown }: { burnDown: BurnDown }) {
  const words = saleWords.value;
  const { data } = useOverview();
  const minute = data?.traffic.value?.lastMinute;
  const rate = rateOf(burnDown);
  const p99 = minute?.p99Ms ?? undefined;
  const facts: readonly Fact[] = [
    { name: words.unitsPerS, value: rate?.toFixed(rate < 10 ? 1 : 0), reason: words.notYet },
    { name: words.sold, value: count(burnDown.sold) },
    { name: words.ordersPerS, value: minute?.ordersPerS?.toFixed(1), reason: words.notReported },
    { name: words.p99, value: p99 === undefined ? undefined : `${count(p99)} ms`, reason: words.noRequests },
  ];
  return (
    <>
      <dl class="counts num">
        {facts.map(({ name, value, reason }) => (
          <div key={name}>
            <dt>
              {name}
              {value === undefined && reason !== undefined && `: ${reason}`}
            </dt>
            <dd class="figure">{value ?? '–'}</dd>
          </div>
        ))}
      </dl>
      <div class="stack small-gap">
        <h2 class="h3">{words.refusals}</h2>
        {minute === undefined ? (
          `– ${words.notReported}`
        ) : (
          <RefusalBars refusals={refusalsOf(minute.orders)} />
        )}
      </div>
    </>
  );
}
