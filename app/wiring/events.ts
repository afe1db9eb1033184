/** Opens the transport of order events that EVENTS names. Part of the composition root. */
import type { EventsConfig } from '../config/events.ts';
import { EVENTS_PER_MESSAGE } from '../contract/order-events-queue.ts';
import type { SharedConfig } from '../config/shared.ts';
import { createCredentialsReader } from '../platform/aws/credentials.ts';
import { openSqsTransport } from '../platform/aws/sqs.ts';
import type { EventTransport } from '../platform/event-transport.ts';
import { type KafkaTransport, openKafkaTransport } from '../platform/kafka/kafka.ts';
import type { KafkaTransportOptions } from '../platform/kafka/kafka-connection.ts';
import type { Log } from '../platform/observe/log.ts';
import type { ShopMetrics } from './metrics.ts';

export interface OpenEventsOptions {
  readonly config: EventsConfig;
  readonly shared: Pick<SharedConfig, 'STAGE' | 'AWS_REGION' | 'AWS_ENDPOINT_URL'>;
  readonly measured: ShopMetrics;
  /** Whether this process counts events, and so may have to set some aside. */
  readonly consumes: boolean;
  readonly log: Log;
}

export function openEvents({ config, shared, measured, consumes, log }: OpenEventsOptions): EventTransport {
  const transport = openTransport({ config, shared, consumes, log });
  if (!('lag' in transport)) return transport;
  measured.metrics.gauge('EventsLag', transport.lag);
  return transport;
}

export function openTransport({
  config,
  shared,
  consumes,
  log,
}: Omit<OpenEventsOptions, 'measured'>): EventTransport | KafkaTransport {
  if (config.EVENTS === 'kafka') {
    return openKafkaTransport({ ...kafkaOptions(config, shared, log), consumes });
  }
  return openSqsTransport({
    region: shared.AWS_REGION,
    endpoint: shared.AWS_ENDPOINT_URL,
    queueUrl: config.ORDER_EVENTS_QUEUE_URL,
    eventsPerMessageMax: config.EVENTS_FORMAT === '1' ? 1 : EVENTS_PER_MESSAGE,
  });
}

function kafkaOptions(
  config: Extract<EventsConfig, { EVENTS: 'kafka' }>,
  { STAGE: stage, AWS_REGION: region }: Pick<SharedConfig, 'STAGE' | 'AWS_REGION'>,
  log: Log,
): Omit<KafkaTransportOptions, 'consumes'> {
  const isIam = config.KAFKA_AUTH === 'iam';
  return {
    settings: {
      brokers: config.KAFKA_BROKERS,
      tls: config.KAFKA_TLS || isIam,
      iam: isIam ? { region, readCredentials: createCredentialsReader(region) } : undefined,
      clientId: `rowlock-${stage.replaceAll(/\s/g, '-')}`,
    },
    topic: config.KAFKA_TOPIC,
    deadLetterTopic: config.KAFKA_DEAD_LETTER_TOPIC,
    group: config.KAFKA_GROUP,
    log,
  };
}
