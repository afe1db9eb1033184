import { count } from '../../shared/format.ts';
import { dictionaryOf } from '../../shared/language.ts';

const en = {
  title: 'Overview',
  allUp: 'all dependencies up',
  someDown: (names: string) => `down: ${names}`,
  statusUnknown: 'dependencies not known',
  ordersPerS: 'Orders per second',
  p99: 'Answer time, p99',
  refused: 'Refused, last minute',
  refusedNone: 'Nothing was refused.',
  eventsWaiting: 'Events in the outbox',
  deadLetters: 'Dead letters',
  audit: 'Audit',
  ofMinute: 'mean of the last minute',
  upperBound: 'all requests of the last minute',
  noRequests: 'no request in the last minute',
  notReported: 'no process reports',
  unavailable: (name: string) => `${name} does not answer`,
  oldest: (age: string) => `oldest ${age}`,
  queue: (n: number, transport: string): string =>
    transport === 'kafka' ? `${count(n)} events in the topic` : `${count(n)} messages in the queue`,
  readThem: 'read them, then redrive',
  noDeadLetters: 'every event could be counted',
  clean: 'clean',
  broken: (n: number) => `${count(n)} broken`,
  neverAudited: 'no audit has run yet',
  auditedAt: (at: string) => `scheduled audit at ${at}`,
  runbook: 'Runbook',
  runbookOf: (heading: string) => `Runbook: ${heading}`,
  lastMinutes: 'Last five minutes',
  perS: 'orders per second',
  placed: 'placed',
  refusedSeries: 'refused',
  failed: 'failed',
  chart: (placed: string, refused: string, failed: string) =>
    `Orders per second in five minutes. Now ${placed} placed, ${refused} refused; ${failed} requests failed.`,
  dependencies: 'Dependencies',
  name: 'Name',
  state: 'State',
  time: 'Answer time',
  up: 'up',
  down: 'down',
  names: {
    mysql: 'MySQL',
    redisState: 'Redis, state',
    redisCache: 'Redis, cache',
    sqs: 'Queue',
    s3: 'Pictures',
  },
  processes: 'Processes of the API',
  process: 'Process',
  ordersWaiting: 'Orders waiting',
  eventsInMemory: 'Events in memory',
  reported: 'Reported',
  popular: (share: string) => `popular list from the cache: ${share}`,
  ms: (n: number) => `${count(n)} ms`,
  seconds: (n: string) => `${n} s`,
  minutes: (n: string) => `${n} min`,
};

export type OverviewWords = typeof en;

const ko: OverviewWords = {
  title: '개요',
  allUp: '의존 서비스 모두 정상',
  someDown: (names: string) => `중단: ${names}`,
  statusUnknown: '의존 서비스 상태를 알 수 없음',
  ordersPerS: '초당 주문',
  p99: '응답 시간 p99',
  refused: '거절, 지난 1분',
  refusedNone: '거절된 것이 없습니다.',
  eventsWaiting: '아웃박스의 이벤트',
  deadLetters: '배달 못 한 메시지',
  audit: '감사',
  ofMinute: '지난 1분 평균',
  upperBound: '지난 1분의 모든 요청',
  noRequests: '지난 1분간 요청 없음',
  notReported: '보고하는 프로세스가 없습니다',
  unavailable: (name: string) => `${name} 응답 없음`,
  oldest: (age: string) => `가장 오래된 것 ${age}`,
  queue: (n: number, transport: string): string =>
    transport === 'kafka' ? `토픽에 이벤트 ${count(n)}건` : `큐에 메시지 ${count(n)}개`,
  readThem: '확인한 뒤 다시 보내기',
  noDeadLetters: '모든 이벤트가 집계되었습니다',
  clean: '이상 없음',
  broken: (n: number) => `${count(n)}건 어긋남`,
  neverAudited: '아직 감사하지 않았습니다',
  auditedAt: (at: string) => `${at} 정기 감사`,
  runbook: '대응 안내서',
  runbookOf: (heading: string) => `대응 안내서: ${heading}`,
  lastMinutes: '지난 5분',
  perS: '초당 주문',
  placed: '접수',
  refusedSeries: '거절',
  failed: '실패',
  chart: (placed: string, refused: string, failed: string) =>
    `지난 5분의 초당 주문. 현재 접수 ${placed}, 거절 ${refused}, 실패한 요청 ${failed}.`,
  dependencies: '의존 서비스',
  name: '이름',
  state: '상태',
  time: '응답 시간',
  up: '정상',
  down: '중단',
  names: {
    mysql: 'MySQL',
    redisState: 'Redis (상태)',
    redisCache: 'Redis (캐시)',
    sqs: '큐',
    s3: '사진 저장소',
  },
  processes: 'API 프로세스',
  process: '프로세스',
  ordersWaiting: '대기 중인 주문',
  eventsInMemory: '메모리의 이벤트',
  reported: '보고 시각',
  popular: (share: string) => `인기 목록 캐시 적중: ${share}`,
  ms: (n: number) => `${count(n)}ms`,
  seconds: (n: string) => `${n}초`,
  minutes: (n: string) => `${n}분`,
};

export const overviewWords = dictionaryOf<OverviewWords>({ en, ko });

export function dependencyName(name: string): string {
  const names: Readonly<Record<string, string>> = overviewWords.value.names;
  return names[name] ?? name;
}

/** `0.3 s`, `14 min`. */
export function durationText(ms: number): string {
  const words = overviewWords.value;
  if (ms >= 120_000) return words.minutes(count(Math.round(ms / 60_000)));
  return words.seconds((ms / 1000).toFixed(ms < 10_000 ? 1 : 0));
}
