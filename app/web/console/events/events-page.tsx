import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { count, dateTime, timeOfDay } from '../../shared/format.ts';
import { useLoad } from '../../shared/use-load.ts';
import { Tile, Unknown } from '../overview/tile.tsx';
import { type Column, DataTable, TableSkeleton } from '../parts/data-table.tsx';
import { Page } from '../parts/page.tsx';
import { View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { DeadLettersCard } from './dead-letters-card.tsx';
import { eventName, eventWords } from './words.ts';

type Events = Answer<'listEvents'>;

const EVERY_MS = 5000;
const SHOWN_MAX = 100;

export function EventsPage() {
  const words = eventWords.value;
  const loaded = useLoad(
    'events',
    (signal) => api.call('listEvents', { query: { limit: SHOWN_MAX }, signal }),
    { everyMs: EVERY_MS },
  );
  return (
    <Page title={words.title} at={loaded.at}>
      <View loaded={loaded} skeleton={<TableSkeleton columns={columns()} />}>
        {(events) => (
          <>
            <EventTiles events={events} />
            {events.queue.value !== null && events.queue.value.deadLetters > 0 && (
              <DeadLettersCard {...events.queue.value} onRedriven={loaded.reload} />
            )}
            <section class="card list">
              {events.data.length === 0 ? (
                <div class="empty">{words.empty}</div>
              ) : (
                <DataTable
                  caption={words.waiting}
                  items={events.data}
                  keyOf={({ id }) => id}
                  columns={columns()}
                />
              )}
            </section>
          </>
        )}
      </View>
    </Page>
  );
}

function EventTiles({ events: { data, nextCursor, queue } }: { events: Events }) {
  const words = eventWords.value;
  const unknown = <Unknown reason={words.unavailable(queue.unavailable ?? '')} />;
  return (
    <div class="tiles">
      <Tile label={words.waiting} heading="outbox-waits" note={words.waitingNote}>
        <b class="figure num">{nextCursor === null ? count(data.length) : words.first(data.length)}</b>
      </Tile>
      <Tile
        label={words.queued(queue.value?.transport)}
        heading="outbox-waits"
        note={queue.value !== null && words.queuedNotes[queue.value.transport]}
      >
        {queue.value === null ? unknown : <b class="figure num">{count(queue.value.messages)}</b>}
      </Tile>
      <Tile
        label={words.dead}
        heading="dead-letters"
        tone={(queue.value?.deadLetters ?? 0) > 0 ? 'warn' : undefined}
        note={queue.value !== null && (queue.value.deadLetters > 0 ? words.deadNote : words.deadNone)}
      >
        {queue.value === null ? unknown : <b class="figure num">{count(queue.value.deadLetters)}</b>}
      </Tile>
    </div>
  );
}

function columns(): Column<Events['data'][number]>[] {
  const words = eventWords.value;
  return [
    { head: words.event, cell: ({ type }) => <b>{eventName(type)}</b> },
    {
      head: words.order,
      cell: ({ orderId }) => (
        <a class="mono tiny" href={paths.order(orderId)}>
          {orderId}
        </a>
      ),
    },
    { head: words.since, isNumber: true, cell: ({ createdAt }) => dateTime(createdAt) },
    { head: words.attempts, isNumber: true, cell: ({ attempts }) => count(attempts) },
    { head: words.next, isNumber: true, cell: ({ nextAttemptAt }) => timeOfDay(nextAttemptAt) },
  ];
}
