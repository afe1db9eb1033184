import { Sparkline } from '../chart/sparkline.tsx';
import { count, timeOfDay } from '../../shared/format.ts';
import { paths } from '../paths.ts';
import { type Course, courseOf, type Overview, refusalsOf } from './overview.ts';
import { Tile, Unknown } from './tile.tsx';
import { dependencyName, durationText, overviewWords } from './words.ts';

const REASONS_SHOWN = 3;

export function Tiles({ overview }: { overview: Overview }) {
  const { traffic, outbox, queue, audit } = overview;
  const course = traffic.value === null ? undefined : courseOf(traffic.value, Date.parse(traffic.at));
  return (
    <div class="tiles">
      <RateTile traffic={traffic} course={course} />
      <LatencyTile traffic={traffic} />
      <RefusedTile traffic={traffic} />
      <EventsTile outbox={outbox} queue={queue} />
      <DeadLettersTile queue={queue} />
      <AuditTile audit={audit} />
    </div>
  );
}

function reasonOf(unavailable: string | null): string {
  const words = overviewWords.value;
  return unavailable === null ? words.notReported : words.unavailable(dependencyName(unavailable));
}

function RateTile({ traffic, course }: Pick<Overview, 'traffic'> & { course: Course | undefined }) {
  const words = overviewWords.value;
  const rate = traffic.value?.lastMinute.ordersPerS ?? null;
  return (
    <Tile
      label={words.ordersPerS}
      href={paths.orders}
      heading="orders-stopped"
      note={rate !== null && words.ofMinute}
    >
      {rate === null ? (
        <Unknown reason={reasonOf(traffic.unavailable)} />
      ) : (
        <b class="figure num">{rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)}</b>
      )}
      {course !== undefined && <Sparkline values={course.placed} />}
    </Tile>
  );
}

function LatencyTile({ traffic }: Pick<Overview, 'traffic'>) {
  const words = overviewWords.value;
  const p99 = traffic.value?.lastMinute.p99Ms ?? null;
  const reason = traffic.value === null ? reasonOf(traffic.unavailable) : words.noRequests;
  return (
    <Tile label={words.p99} heading="slow-requests" note={p99 !== null && words.upperBound}>
      {p99 === null ? (
        <Unknown reason={reason} />
      ) : (
        <b class="figure num">
          {count(p99)} <i>ms</i>
        </b>
      )}
      {traffic.value !== null && <Sparkline values={traffic.value.buckets.map(({ p99Ms }) => p99Ms)} />}
    </Tile>
  );
}

function RefusedTile({ traffic }: Pick<Overview, 'traffic'>) {
  const words = overviewWords.value;
  const minute = traffic.value?.lastMinute;
  const refusals = minute === undefined ? [] : refusalsOf(minute.orders).slice(0, REASONS_SHOWN);
  return (
    <Tile label={words.refused} heading="shed-requests">
      {minute === undefined ? (
        <Unknown reason={reasonOf(traffic.unavailable)} />
      ) : (
        <RefusalBars refusals={refusals} />
      )}
    </Tile>
  );
}

export function RefusalBars({ refusals }: { refusals: readonly (readonly [string, number])[] }) {
  const most = Math.max(1, ...refusals.map(([, times]) => times));
  if (refusals.length === 0) return <span class="small quiet">{overviewWords.value.refusedNone}</span>;
  return (
    <dl class="bars num">
      {refusals.map(([code, times]) => (
        <div key={code}>
          <dt>{code}</dt>
          <dd>
            <progress max={most} value={times} aria-hidden="true" />
            <b>{count(times)}</b>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function EventsTile({ outbox, queue }: Pick<Overview, 'outbox' | 'queue'>) {
  const words = overviewWords.value;
  const [stored, sent] = [outbox.value, queue.value];
  const age = stored?.oldestAgeMs ?? null;
  const ageText = age === null ? undefined : durationText(age);
  return (
    <Tile
      label={words.eventsWaiting}
      href={paths.events}
      heading="outbox-waits"
      note={
        stored !== null &&
        sent !== null &&
        [ageText && words.oldest(ageText), words.queue(sent.messages, sent.transport)]
          .filter(Boolean)
          .join(' · ')
      }
    >
      {stored === null || sent === null ? (
        <Unknown reason={reasonOf(outbox.unavailable ?? queue.unavailable)} />
      ) : (
        <b class="figure num">{count(stored.events)}</b>
      )}
    </Tile>
  );
}

function DeadLettersTile({ queue: { value, unavailable } }: Pick<Overview, 'queue'>) {
  const words = overviewWords.value;
  const hasSome = value !== null && value.deadLetters > 0;
  return (
    <Tile
      label={words.deadLetters}
      href={paths.events}
      heading="dead-letters"
      tone={hasSome ? 'warn' : undefined}
      note={value !== null && (hasSome ? words.readThem : words.noDeadLetters)}
    >
      {value === null ? (
        <Unknown reason={reasonOf(unavailable)} />
      ) : (
        <b class="figure num">{count(value.deadLetters)}</b>
      )}
    </Tile>
  );
}

function AuditTile({ audit: { value, unavailable } }: Pick<Overview, 'audit'>) {
  const words = overviewWords.value;
  const broken = value?.brokenRows ?? null;
  const reason = value === null ? reasonOf(unavailable) : words.neverAudited;
  return (
    <Tile
      label={words.audit}
      href={paths.audit}
      heading="drift"
      tone={broken === null ? undefined : broken === 0 ? 'ok' : 'warn'}
      note={value !== null && value.lastAt !== null && words.auditedAt(timeOfDay(value.lastAt))}
    >
      {broken === null ? (
        <Unknown reason={reason} />
      ) : (
        <b class="figure num">{broken === 0 ? words.clean : words.broken(broken)}</b>
      )}
    </Tile>
  );
}
