import { count } from '../../shared/format.ts';
import { axisEnd, curvePoints, type DemoSale, type DemoSaleLane, refusals } from './demo-sale.ts';
import { demoSaleWords } from './words.ts';

const WIDTH = 600;
const HEIGHT = 200;

/** One seller: its remaining stock, how it burned down, and the results of the buyers. */
export function SaleLane({ sale, lane }: { sale: DemoSale; lane: DemoSaleLane }) {
  const words = demoSaleWords.value;
  const left = lane.left.at(-1)?.[1] ?? sale.units;
  return (
    <section class={`card pad seller ${lane.seller}`}>
      <div class="seller-head">
        <h2>{words.sellers[lane.seller]}</h2>
        <StateOfLane lane={lane} left={left} />
        <span class="tiny quiet">{words.how[lane.seller]}</span>
      </div>
      <p class="huge num">
        {count(left)} <small>{words.leftOf(sale.units)}</small>
      </p>
      <BurnDown sale={sale} lane={lane} left={left} />
      <LaneFacts lane={lane} />
    </section>
  );
}

function StateOfLane({ lane, left }: { lane: DemoSaleLane; left: number }) {
  const words = demoSaleWords.value;
  const { result } = lane;
  if (result === null) return <span class="pill accent">{words.selling}</span>;
  if (result.soldOutAfterMs === null) return <span class="pill">{words.endedWith(left)}</span>;
  return <span class="pill ok">{words.soldOutAfter(result.soldOutAfterMs)}</span>;
}

function BurnDown({ sale, lane, left }: { sale: DemoSale; lane: DemoSaleLane; left: number }) {
  const words = demoSaleWords.value;
  const endMs = axisEnd(sale.lanes);
  const points = curvePoints(lane.left, { units: sale.units, endMs, width: WIDTH, height: HEIGHT });
  const lastX = (Math.min(1, (lane.left.at(-1)?.[0] ?? 0) / endMs) * WIDTH).toFixed(1);
  const said = words.chart(words.sellers[lane.seller], sale.units, left, lane.left.at(-1)?.[0] ?? 0);
  return (
    <figure class="burn-down">
      <svg viewBox={`0 -4 ${WIDTH} ${HEIGHT + 8}`} preserveAspectRatio="none" role="img" aria-label={said}>
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <path key={share} class="grid" d={`M0 ${share * HEIGHT}H${WIDTH}`} />
        ))}
        <polygon class="under" points={`0,${HEIGHT} ${points} ${lastX},${HEIGHT}`} />
        <polyline class="burn" points={points} />
      </svg>
      <figcaption class="tiny quiet num">
        <span>{words.axis(0)}</span>
        <span>{words.axis(endMs / 2)}</span>
        <span>{words.axis(endMs)}</span>
      </figcaption>
    </figure>
  );
}

function LaneFacts({ lane }: { lane: DemoSaleLane }) {
  const words = demoSaleWords.value;
  const { result } = lane;
  const later = <span title={words.notYet}>–</span>;
  return (
    <dl class="counts num">
      <Fact name={words.perSecond}>{result === null ? later : count(Math.round(result.placedPerS))}</Fact>
      <Fact name={words.p99}>{result === null ? later : words.milliseconds(result.placedP99Ms)}</Fact>
      <Fact name={words.answered}>{count(lane.answered)}</Fact>
      <Fact name={words.oversold}>{result === null ? later : count(result.oversold)}</Fact>
      {refusals(lane).map(([code, times]) => (
        <Fact key={code} name={words.refused} code={code}>
          {count(times)}
        </Fact>
      ))}
    </dl>
  );
}

function Fact(props: { name: string; code?: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>
        {props.name}
        {props.code !== undefined && <code>{props.code}</code>}
      </dt>
      <dd class="display">{props.children}</dd>
    </div>
  );
}
