import { LiveChart } from '../chart/live-chart.tsx';
import { count, percent, timeOfDay } from '../../shared/format.ts';
import { ActionList } from '../operators/action-list.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Page } from '../parts/page.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { courseOf, type Overview, useOverview } from './overview.ts';
import { Tiles } from './tiles.tsx';
import { dependencyName, overviewWords } from './words.ts';

/** The trail is requested less often than the figures. */
const TRAIL_EVERY_MS = 30_000;

export function OverviewPage() {
  const words = overviewWords.value;
  const loaded = useOverview();
  const { data } = loaded;
  return (
    <Page
      title={words.title}
      at={data === undefined ? undefined : Date.parse(data.generatedAt)}
      state={data && <DependenciesPill dependencies={data.dependencies} />}
    >
      <View
        loaded={loaded}
        skeleton={
          <div class="tiles">
            <SkeletonCards count={6} />
          </div>
        }
      >
        {(overview) => (
          <>
            <Tiles overview={overview} />
            <ChartCard traffic={overview.traffic} />
            <div class="columns even">
              <DependenciesCard overview={overview} />
              <ActionList turn={Math.floor(Date.now() / TRAIL_EVERY_MS)} />
            </div>
          </>
        )}
      </View>
    </Page>
  );
}

export function DependenciesPill({ dependencies: { value } }: Pick<Overview, 'dependencies'>) {
  const words = overviewWords.value;
  if (value === null) return <span class="pill warn">{words.statusUnknown}</span>;
  const down = Object.entries(value).flatMap(([name, { status }]) =>
    status === 'down' ? [dependencyName(name)] : [],
  );
  return down.length === 0 ? (
    <span class="pill ok">{words.allUp}</span>
  ) : (
    <span class="pill bad">{words.someDown(down.join(', '))}</span>
  );
}

function ChartCard({ traffic }: Pick<Overview, 'traffic'>) {
  const words = overviewWords.value;
  const course = traffic.value === null ? undefined : courseOf(traffic.value, Date.parse(traffic.at));
  const last = (values: readonly (number | null)[] = []) => {
    const value = values.at(-1) ?? null;
    return value === null ? '–' : count(Math.round(value));
  };
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{words.lastMinutes}</h2>
        <span class="tiny quiet">{words.perS}</span>
      </div>
      <LiveChart
        label={words.chart(last(course?.placed), last(course?.refused), last(course?.failed))}
        series={[
          { name: words.placed, tone: 'accent', isFilled: true },
          { name: words.refusedSeries, tone: 'clay' },
          { name: words.failed, tone: 'bad' },
        ]}
        times={course?.times ?? []}
        values={[course?.placed ?? [], course?.refused ?? [], course?.failed ?? []]}
      />
    </section>
  );
}

function DependenciesCard({ overview: { dependencies, processes, traffic } }: { overview: Overview }) {
  const words = overviewWords.value;
  const hitRate = traffic.value?.lastMinute.popularHitRate ?? null;
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{words.dependencies}</h2>
        <span class="tiny quiet num">{timeOfDay(dependencies.at)}</span>
      </div>
      {dependencies.value !== null && (
        <DataTable
          caption={words.dependencies}
          items={Object.entries(dependencies.value)}
          keyOf={([name]) => name}
          columns={[
            {
              head: words.name,
              cell: ([name]) => (
                <div>
                  {dependencyName(name)}
                  {name === 'redisCache' && hitRate !== null && (
                    <div class="tiny quiet num">{words.popular(percent(hitRate))}</div>
                  )}
                </div>
              ),
            },
            {
              head: words.state,
              cell: ([, { status }]) => (
                <span class={status === 'up' ? 'pill ok' : 'pill bad'}>{words[status]}</span>
              ),
            },
            {
              head: words.time,
              isNumber: true,
              cell: ([, { durationMs }]) => words.ms(Math.round(durationMs)),
            },
          ]}
        />
      )}
      {processes.value !== null && processes.value.length > 0 && (
        <DataTable
          caption={words.processes}
          items={processes.value}
          keyOf={({ id }) => id}
          columns={[
            { head: words.process, cell: ({ id }) => <code class="tiny">{id}</code> },
            { head: words.ordersWaiting, isNumber: true, cell: (state) => count(state.ordersWaiting) },
            { head: words.eventsInMemory, isNumber: true, cell: (state) => count(state.eventsWaiting) },
            { head: words.reported, isNumber: true, cell: ({ at }) => timeOfDay(at) },
          ]}
        />
      )}
    </section>
  );
}
