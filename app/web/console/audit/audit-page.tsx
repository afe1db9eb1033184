import { useState } from 'preact/hooks';
import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { count } from '../../shared/format.ts';
import { useLoad } from '../../shared/use-load.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Page } from '../parts/page.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { auditWords } from './words.ts';

type Report = Answer<'readAudit'>;
type Break = Report['breaks'][number];

/** Runs an audit and shows what does not add up. Rows since the last full audit come first: that is fast. */
export function AuditPage() {
  const words = auditWords.value;
  const [mode, setMode] = useState<Report['mode']>('incremental');
  const loaded = useLoad(mode, (signal) => api.call('readAudit', { query: { mode }, signal }));
  const run = (wanted: Report['mode']): void => {
    if (wanted === mode) loaded.reload();
    else setMode(wanted);
  };
  const report = loaded.data;
  return (
    <Page
      title={words.title}
      at={report === undefined ? undefined : Date.parse(report.snapshotAt)}
      state={
        report !== undefined && (
          <span class={report.isClean ? 'pill ok' : 'pill bad'}>
            {report.isClean ? words.clean : words.broken(report.breaks.length)}
          </span>
        )
      }
      actions={
        <>
          <button type="button" class="plain" onClick={() => run('incremental')}>
            {words.incremental}
          </button>
          <button type="button" onClick={() => run('full')}>
            {words.full}
          </button>
        </>
      }
    >
      <p class="quiet">{words.lead}</p>
      {loaded.isLoading && (
        <p class="told" role="status">
          <b>{words.checking}</b>
          <span>{words.slow}</span>
        </p>
      )}
      <View loaded={loaded} skeleton={<SkeletonCards />}>
        {(shown) => (
          <div class="stack">
            {shown.breaks.length === 0 && <p class="told ok">{words.cleanText}</p>}
            {shown.breaks.map((found) => (
              <BreakCard key={found.check} found={found} />
            ))}
            <CheckedCard report={shown} />
          </div>
        )}
      </View>
    </Page>
  );
}

function CheckedCard({ report }: { report: Report }) {
  const words = auditWords.value;
  const kinds = Object.keys(words.kinds) as (keyof Report['checked'])[];
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{words.checked}</h2>
        <span class="tiny quiet num">
          {words.modes[report.mode]}, {words.took(report.durationMs)}
        </span>
      </div>
      <dl class="counts num">
        {kinds.map((kind) => (
          <div key={kind}>
            <dt>{words.kinds[kind]}</dt>
            <dd class="figure">{count(report.checked[kind])}</dd>
          </div>
        ))}
      </dl>
      {report.eventsInFlight.count > 0 && (
        <p class="small quiet">{words.inFlight(report.eventsInFlight.count)}</p>
      )}
    </section>
  );
}

function BreakCard({ found }: { found: Break }) {
  const words = auditWords.value;
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3 mono">{found.check}</h2>
        <span class="pill bad">{words.rows(found.rows.length, found.total)}</span>
      </div>
      <p class="small" lang="en">
        {found.holds}
      </p>
      <DataTable
        caption={found.check}
        items={found.rows}
        keyOf={({ id, seq }) => `${id} ${seq}`}
        columns={[
          { head: `${words.row} (${found.idOf})`, cell: ({ id }) => <RowLink idOf={found.idOf} id={id} /> },
          { head: 'seq', isNumber: true, cell: ({ seq }) => (seq === undefined ? '–' : count(seq)) },
          { head: words.detail, cell: ({ detail }) => <span lang="en">{detail}</span> },
        ]}
      />
      <a class="small" href={paths.runbook('drift')}>
        {words.runbook}
      </a>
    </section>
  );
}

function RowLink({ idOf, id }: { idOf: string; id: string }) {
  const view = { order: paths.order, product: paths.product, user: paths.customer, coupon: paths.coupon }[
    idOf
  ];
  const text = <code class="tiny">{id}</code>;
  return view === undefined ? text : <a href={view(id)}>{text}</a>;
}
