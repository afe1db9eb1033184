import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { count } from '../../shared/format.ts';
import { useLoad } from '../../shared/use-load.ts';
import { type Column, DataTable, TableSkeleton } from '../parts/data-table.tsx';
import { DeedError } from '../parts/deed-error.tsx';
import { say } from '../parts/say.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { may } from '../session/session-state.ts';
import { lettersOf, type Letter } from './letters.ts';
import { eventName, eventWords } from './words.ts';

const EVENTS_SHOWN = 3;

export interface DeadLettersProps {
  readonly deadLetters: number;
  readonly transport: NonNullable<Answer<'listEvents'>['queue']['value']>['transport'];
  readonly onRedriven: () => void;
}

/**
 * Dead letters, and what to do about them: send one or all back. Both are safe to repeat, because the inbox
 * counts each event once. Not polled, because SQS hides for a moment what was read.
 */
export function DeadLettersCard({ deadLetters, transport, onRedriven }: DeadLettersProps) {
  const words = eventWords.value;
  const loaded = useLoad(`letters ${deadLetters}`, (signal) => api.call('listDeadLetters', { signal }));
  const onMoved = (moved: number | null): void => {
    say('ok', moved === null ? words.running : words.moved(moved));
    loaded.reload();
    onRedriven();
  };
  const all = useDeed('redrive', async () => onMoved((await api.call('redriveEvents')).moved));
  const columns = columnsOf(onMoved);
  return (
    <section class="card pad" aria-labelledby="dead-letters">
      <div class="cap">
        <h2 class="h3" id="dead-letters">
          {words.dead}
        </h2>
        {may('operator') && (
          <button type="button" aria-disabled={all.isBusy} onClick={() => void all.run()}>
            {words.redriveAll}
          </button>
        )}
      </div>
      <p class="quiet small">
        {words.deadText} {transport === 'kafka' && words.kafkaText}
      </p>
      <DeedError error={all.error} />
      <View loaded={loaded} skeleton={<TableSkeleton columns={columns} rows={2} />}>
        {({ value, unavailable }) =>
          value === null ? (
            <p class="told warn">{words.unavailable(unavailable ?? '')}</p>
          ) : (
            <>
              <DataTable
                caption={words.dead}
                items={lettersOf(value.events)}
                keyOf={({ id }) => id}
                columns={columns}
              />
              {!value.isComplete && <p class="quiet small">{words.thereAreMore}</p>}
            </>
          )
        }
      </View>
    </section>
  );
}

function columnsOf(onMoved: (moved: number | null) => void): Column<Letter>[] {
  const words = eventWords.value;
  return [
    {
      head: words.event,
      cell: ({ events }) => (
        <div>
          {events.slice(0, EVENTS_SHOWN).map(({ type, orderId }, index) => (
            <div key={index} class="letter-event">
              <b>{type === null ? words.unreadable : eventName(type)}</b>{' '}
              {orderId !== null && (
                <a class="mono tiny" href={paths.order(orderId)}>
                  {orderId}
                </a>
              )}
            </div>
          ))}
          {events.length > EVENTS_SHOWN && (
            <div class="tiny quiet">{words.others(events.length - EVENTS_SHOWN)}</div>
          )}
        </div>
      ),
    },
    {
      head: words.reason,
      cell: ({ reason, counted, events }) => (
        <div>
          {words.reasons[reason ?? 'tooOften'] ?? reason}
          {counted > 0 && (
            <div>
              <span class="pill ok">
                {counted === events.length ? words.counted : words.countedSome(count(counted))}
              </span>
            </div>
          )}
        </div>
      ),
    },
    ...(may('operator')
      ? [
          {
            head: words.todo,
            isNumber: true,
            cell: ({ id }: Letter) => <RedriveButton id={id} onMoved={onMoved} />,
          },
        ]
      : []),
  ];
}

function RedriveButton({ id, onMoved }: { id: string; onMoved: (moved: number | null) => void }) {
  const words = eventWords.value;
  const deed = useDeed(`redrive ${id}`, async () =>
    onMoved((await api.call('redriveDeadLetter', { path: { letterId: id } })).moved),
  );
  return (
    <>
      <button type="button" class="plain" aria-disabled={deed.isBusy} onClick={() => void deed.run()}>
        {words.redriveOne}
      </button>
      <DeedError
        error={deed.error}
        text={({ code }) => (code === 'dead_letter_not_found' ? words.notFound : undefined)}
      />
    </>
  );
}
