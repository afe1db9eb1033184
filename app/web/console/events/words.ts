import { count } from '../../shared/format.ts';
import { dictionaryOf } from '../../shared/language.ts';

const en = {
  title: 'Events',
  waiting: 'Waiting in the outbox',
  waitingNote: 'placed orders whose event has not left yet',
  first: (n: number) => `the first ${count(n)}`,
  queued: 'In the queue',
  queuedNote: (name: string) => `sent and not counted yet, ${name}`,
  dead: 'Dead letters',
  deadNone: 'every event could be counted',
  deadNote: 'received five times without being counted',
  deadText: (n: number) =>
    `${count(n)} events could not be counted. Once the cause is gone, send them back: each counts once.`,
  redrive: (n: number) => `Send ${count(n)} events back`,
  moved: (n: number) => `${count(n)} events are on their way back to the consumer.`,
  running: 'The queue is moving them; this takes longer than a request may.',
  unavailable: (name: string) => `${name} does not answer`,
  event: 'Event',
  types: { completed: 'order completed', cancelled: 'order cancelled' },
  order: 'Order',
  since: 'Since',
  attempts: 'Attempts',
  next: 'Next attempt',
  empty: 'The outbox is empty: every event has left.',
  transports: { sqs: 'SQS', kafka: 'Kafka' },
};

export type EventWords = typeof en;

const ko: EventWords = {
  title: '이벤트',
  waiting: '아웃박스에서 대기',
  waitingNote: '주문은 되었고 이벤트는 아직 떠나지 않음',
  first: (n: number) => `처음 ${count(n)}건`,
  queued: '큐에 있음',
  queuedNote: (name: string) => `보냈고 아직 집계 전, ${name}`,
  dead: '배달 못 한 이벤트',
  deadNone: '모든 이벤트가 집계되었습니다',
  deadNote: '다섯 번 받고도 집계하지 못함',
  deadText: (n: number) =>
    `이벤트 ${count(n)}건을 집계하지 못했습니다. 원인이 사라졌으면 다시 보내세요. 각각 한 번만 집계됩니다.`,
  redrive: (n: number) => `이벤트 ${count(n)}건 다시 보내기`,
  moved: (n: number) => `이벤트 ${count(n)}건을 소비자에게 다시 보냈습니다.`,
  running: '큐가 옮기고 있습니다. 요청 하나가 기다릴 수 있는 것보다 오래 걸립니다.',
  unavailable: (name: string) => `${name} 응답 없음`,
  event: '이벤트',
  types: { completed: '주문 완료', cancelled: '주문 취소' },
  order: '주문',
  since: '발생',
  attempts: '시도',
  next: '다음 시도',
  empty: '아웃박스가 비었습니다. 모든 이벤트가 떠났습니다.',
  transports: { sqs: 'SQS', kafka: 'Kafka' },
};

export const eventWords = dictionaryOf<EventWords>({ en, ko });

export function eventName(type: string): string {
  const { types } = eventWords.value;
  if (/completed/i.test(type)) return types.completed;
  return /cancelled/i.test(type) ? types.cancelled : type;
}
