import type { AwsFront } from './aws-front.ts';
import type { DirectDatabase } from './direct-database.ts';
import type { Fleet } from './fault-fleet.ts';
import type { FaultLinks, ProcessName } from './fault-links.ts';
import type { FaultServer, ServerName } from './fault-servers.ts';
import type { FaultShop } from './fault-shop.ts';
import type { ShopOperations } from './shop-operations.ts';
import type { Redis } from 'ioredis';
import type { KafkaBroker } from '../../../localstack/kafka/start-kafka-server.ts';

/** All parts of a run that faults can break. */
export interface FaultWorld {
  /** Folder of the run. */
  readonly dir: string;
  /** Copy of the project whose app runs. */
  readonly appDir: string;
  readonly servers: Readonly<Record<ServerName, FaultServer>>;
  readonly links: FaultLinks;
  readonly fleet: Fleet;
  readonly awsFront: AwsFront;
  readonly database: DirectDatabase;
  readonly redis: () => Redis;
  readonly shop: FaultShop;
  readonly operations: ShopOperations;
  readonly queue: RunQueue;
  /** Undefined where SQS carries the events. */
  readonly kafka: RunKafka | undefined;
  /** True once the fleet runs the newer release. */
  readonly release: { isNew: boolean };
  /** Reports what must never happen, whatever breaks: the run has failed. */
  readonly complain: (what: string) => void;
}

export interface RunQueue {
  /** Puts a message into the queue, bypassing all proxies. */
  send(body: string): Promise<void>;
  /** Bodies that must end in the dead-letter queue. */
  readonly poisons: string[];
}

/** The brokers of a run, and what faults do to them. */
export interface RunKafka {
  /** One, or three that each hold a replica of every partition. */
  readonly brokers: readonly KafkaBroker[];
  freeze(): void;
  thaw(): void;
  /** Puts every consumer out of the group. */
  rebalance(): Promise<void>;
  /** Sets the group, which must be empty, back to the start of the topic. */
  rewind(): Promise<void>;
  refuseDeadLetters(): Promise<void>;
  acceptDeadLetters(): Promise<void>;
}

/** A thing that only one fault at a time may break. */
export type Breakable = ServerName | ProcessName | 'kafka';

export interface Fault {
  /** Stable: histories contain it, and tests of the checker use it. */
  readonly name: string;
  readonly about: string;
  readonly touches: readonly Breakable[];
  /** Shortest and longest duration. */
  readonly lastsMs: readonly [number, number];
  /** Brokers of Kafka that a run with this fault starts; by default one. */
  readonly brokerCount?: number;
  /**
   * Breaks something and resolves with the action that repairs it, which is always called, even when the run
   * is over. `draw` returns numbers in [0, 1) derived from the seed.
   */
  begin(world: FaultWorld, draw: () => number): Promise<BegunFault>;
}

export interface BegunFault {
  /** Values that the fault drew, for the history. */
  readonly detail?: unknown;
  end(): Promise<void>;
}
