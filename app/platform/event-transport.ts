/** What carries events from the outbox to their consumer, without knowing what an event means. */

export interface OutgoingEvent {
  /** Unique within the batch. The acknowledgement names it. */
  readonly id: string;
  /** Kafka keeps events with the same key in one partition, and in order unless one is sent again. */
  readonly key: string;
  /** JSON text of the event. */
  readonly body: string;
}

export interface IncomingMessage {
  /** The transport's own id of this delivery, for the log. */
  readonly id: string;
  /** One event or, in a JSON array, several. */
  readonly body: string;
  /** Number of deliveries, including this one. */
  readonly attempts: number;
}

/** An event, or a whole message, that can never be processed. */
export interface DeadLetter {
  readonly body: string;
  /** Reason, shown to operators who read the dead-letter queue. Contains no event data. */
  readonly reason: string;
}

/** A message whose other events, if it has any, are done. */
export interface RefusedMessage {
  readonly message: IncomingMessage;
  readonly letters: readonly DeadLetter[];
}

export interface MessageBatch {
  readonly messages: readonly IncomingMessage[];
  /**
   * Settles the batch once its transaction has committed: `done` is never delivered again, except after a
   * failure, and of `refused` the letters end in the dead letters. All other messages are delivered again.
   */
  settle(result: {
    readonly done: readonly IncomingMessage[];
    readonly refused: readonly RefusedMessage[];
  }): Promise<void>;
}

/** The half of a transport that publishes. */
export interface EventSender {
  /** Most events per call of `send`. */
  readonly batchMax: number;
  /** Calls of `send` that a process may have in flight. */
  readonly sendsInFlightMax: number;
  /** Sends up to `batchMax` events and returns the ids that are acknowledged. Throws if the call fails. */
  send(events: readonly OutgoingEvent[]): Promise<ReadonlySet<string>>;
}

/** The half of a transport that consumes. */
export interface EventReceiver {
  /** Calls of `receive` that a process may have in flight; each batch is settled before the next call. */
  readonly receivesInFlightMax: number;
  /** A batch of this many messages says that more are waiting. */
  readonly fullBatch: number;
  /** Waits up to `waitS` seconds for messages. The batch may be empty. */
  receive(options: { readonly waitS: number; readonly signal: AbortSignal }): Promise<MessageBatch>;
}

/** A dead letter as it waits. */
export interface WaitingLetter {
  /** The transport's own id. */
  readonly id: string;
  /** One event or, in a JSON array, several. */
  readonly body: string;
  /** Undefined where the transport itself set the message aside, after too many deliveries. */
  readonly reason: string | undefined;
}

export interface WaitingLetters {
  readonly letters: readonly WaitingLetter[];
  /** False if there may be more. */
  readonly isComplete: boolean;
}

export interface EventBacklog {
  /** Messages that are sent and not settled yet: one event each on Kafka, one or many on SQS. */
  readonly messages: number;
  /** Dead letters that were not sent back since. */
  readonly deadLetters: number;
}

/**
 * Delivers every acknowledged event at least once. The inbox recognises repeated deliveries, so an adapter
 * may deliver again whenever it is in doubt and must never drop an event.
 */
export interface EventTransport extends EventSender, EventReceiver {
  readonly name: 'sqs' | 'kafka';
  /**
   * Rejects with one sentence for operators unless the transport can be reached and knows its queue or topic.
   */
  ping(): Promise<void>;
  /** Counts what waits, as far as the transport knows: numbers may be some seconds old. */
  readBacklog(): Promise<EventBacklog>;
  /**
   * Reads up to `max` dead letters that were not sent back since, in no particular order, and takes none
   * away. SQS hides what was read for three seconds, which another reading waits for, and Kafka lets only one
   * process read at a time.
   */
  readDeadLetters(max: number): Promise<WaitingLetters>;
  /**
   * Sends up to `max` of the dead letters that exist now back, each once, and returns how many. If it is
   * interrupted, some may be sent twice, which the inbox recognises.
   */
  redrive(max: number): Promise<number>;
  /**
   * Sends one dead letter back, whole. Returns false if none with this id is found within seconds. Before
   * it is sent, `announce` gets it; if that rejects, the letter stays. Kafka cannot delete a record: a letter
   * that is not the first of its partition stays among the dead letters, and the inbox recognises its events
   * when it is sent again.
   */
  redriveOne(id: string, announce: (letter: WaitingLetter) => Promise<void>): Promise<boolean>;
  close(): Promise<void>;
}
