import { count } from '../../shared/format.ts';
import { dictionaryOf } from '../../shared/language.ts';

const en = {
  title: 'Events',
  waiting: 'Waiting in the outbox',
  waitingNote: 'placed orders whose event has not left yet',
  first: (n: number) => `the first ${count(n)}`,
  queued: (transport: string | undefined): string =>
    transport === 'kafka' ? 'Events in the topic' : 'Messages in the queue',
  queuedNotes: {
    sqs: 'sent and not counted yet; a message of SQS has up to 128 events',
    kafka: 'sent and not counted yet',
  },
  dead: 'Dead letters',
  deadNone: 'every event could be counted',
  deadNote: 'could not be counted',
  deadText: 'Once the cause is gone, send them back: each event counts once, however often it is sent.',
  kafkaText: 'Kafka deletes no single record: one that was sent back may stay listed, marked as counted.',
  reason: 'Reason',
  reasons: {
    unreadable: 'no release could read it',
    uncountable: 'the statistics refused it',
    tooOften: 'received five times in vain',
  } as Readonly<Record<string, string>>,
  unreadable: 'unreadable',
  others: (n: number) => `and ${count(n)} more events`,
  counted: 'already counted',
  countedSome: (n: string) => `${n} already counted`,
  todo: 'What to do',
  redriveOne: 'Send back',
  redriveAll: 'Send all back',
  thereAreMore: 'There are more.',
  notFound: 'It is no longer among the dead letters.',
  moved: (n: number) =>
    n === 1 ? 'One dead letter is on its way back.' : `${count(n)} dead letters are on their way back.`,
  running: 'The queue is moving them; this takes longer than a request may.',
  unavailable: (name: string) => `${name} does not answer`,
  event: 'Event',
  types: { completed: 'order completed', cancelled: 'order cancelled' },
  order: 'Order',
  since: 'Since',
  attempts: 'Attempts',
  next: 'Next attempt',
  empty: 'The outbox is empty: every event has left.',
};

export type EventWords = typeof en;

const ko: EventWords = {
  title: '이벤트',
  waiting: '아웃박스에서 대기',
  waitingNote: '주문은 되었고 이벤트는 아직 떠나지 않음',
  first: (n: number) => `처음 ${count(n)}건`,
  queued: (transport: string | undefined): string =>
    transport === 'kafka' ? '토픽의 이벤트' : '큐의 메시지',
  queuedNotes: {
    sqs: '보냈고 아직 집계 전. SQS 메시지 하나에 이벤트가 최대 128건 들어갑니다',
    kafka: '보냈고 아직 집계 전',
  },
  dead: '배달 못 한 메시지',
  deadNone: '모든 이벤트가 집계되었습니다',
  deadNote: '집계하지 못함',
  deadText: '원인이 사라졌으면 다시 보내세요. 몇 번을 보내도 이벤트는 한 번만 집계됩니다.',
  kafkaText: 'Kafka는 레코드 하나만 지울 수 없어, 다시 보낸 것도 집계됨 표시와 함께 목록에 남을 수 있습니다.',
  reason: '이유',
  reasons: {
    unreadable: '읽을 수 없는 형식',
    uncountable: '통계가 거부함',
    tooOften: '다섯 번 받고도 처리하지 못함',
  },
  unreadable: '읽을 수 없음',
  others: (n: number) => `외 이벤트 ${count(n)}건`,
  counted: '이미 집계됨',
  countedSome: (n: string) => `${n}건은 이미 집계됨`,
  todo: '조치',
  redriveOne: '다시 보내기',
  redriveAll: '모두 다시 보내기',
  thereAreMore: '더 있습니다.',
  notFound: '더 이상 배달 못 한 메시지에 없습니다.',
  moved: (n: number) => `배달 못 한 메시지 ${count(n)}개를 다시 보냈습니다.`,
  running: '큐가 옮기고 있습니다. 요청 하나가 기다릴 수 있는 것보다 오래 걸립니다.',
  unavailable: (name: string) => `${name} 응답 없음`,
  event: '이벤트',
  types: { completed: '주문 완료', cancelled: '주문 취소' },
  order: '주문',
  since: '발생',
  attempts: '시도',
  next: '다음 시도',
  empty: '아웃박스가 비었습니다. 모든 이벤트가 떠났습니다.',
};

export const eventWords = dictionaryOf<EventWords>({ en, ko });

export function eventName(type: string): string {
  const { types } = eventWords.value;
  if (/completed/i.test(type)) return types.completed;
  return /cancelled/i.test(type) ? types.cancelled : type;
}
