/** A further listener of every broker, such as one with TLS, for tests. */
export interface ExtraListener {
  readonly protocol: 'SSL' | 'SASL_SSL';
  /** Further lines of server.properties. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface BrokerPorts {
  readonly client: number;
  readonly controller: number;
  /** Present with an extra listener. */
  readonly extra?: number;
}

export interface BrokerOptions {
  /** Number of the broker, starting at 1. */
  readonly node: number;
  /** Ports of all brokers, in the order of their numbers. */
  readonly ports: readonly BrokerPorts[];
  readonly dataDir: string;
  readonly extraListener?: ExtraListener | undefined;
}

/** server.properties of one broker, which is a controller as well (KRaft). Listens on loopback only. */
export function brokerSettings({ node, ports, dataDir, extraListener }: BrokerOptions): string {
  const own = ports[node - 1];
  if (own === undefined) throw new Error(`there is no broker ${node}`);
  const replicas = Math.min(3, ports.length);
  const listeners = [
    `PLAINTEXT://127.0.0.1:${own.client}`,
    ...(extraListener === undefined ? [] : [`${extraListener.protocol}://127.0.0.1:${own.extra}`]),
  ];
  const settings: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': node,
    'controller.quorum.voters': ports
      .map(({ controller }, index) => `${index + 1}@127.0.0.1:${controller}`)
      .join(','),
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${own.controller}`].join(','),
    'advertised.listeners': listeners.join(','),
    // The default knows no CONTROLLER once a listener has another protocol.
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDir,
    'auto.create.topics.enable': 'false',
    'unclean.leader.election.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': Math.max(1, replicas - 1),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.max(1, replicas - 1),
    'transaction.state.log.num.partitions': 1,
    // A killed broker may register again after this; the default is 9 s.
    'broker.session.timeout.ms': 4000,
    'broker.heartbeat.interval.ms': 1000,
    // A group of one consumer need not wait for others.
    'group.initial.rebalance.delay.ms': 0,
    'num.network.threads': 2,
    'num.io.threads': 2,
    // The default of 128 MB does not fit into the heap that a laptop gives it.
    'log.cleaner.dedupe.buffer.size': 2 * 1024 * 1024,
    ...extraListener?.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
