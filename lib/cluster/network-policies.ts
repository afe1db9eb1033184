import type { ProcessName } from '../instance/instance-settings.ts';
import { appPort } from '../settings/app-port.ts';
import type { NetworkPolicy } from './kubernetes-types.ts';
import { namespace, workloadLabel } from './names.ts';

export interface NetworkPoliciesOptions {
  /** Range of the VPC, in which balancer, database, Valkey and brokers are. */
  readonly vpcCidr: string;
}

const ports = { mysql: 3306, valkey: 6379, kafka: 9098 } as const;

type Server = keyof typeof ports;

/** The servers that each process talks to. All also reach AWS over HTTPS, and DNS. */
const servers: Readonly<Record<ProcessName, readonly Server[]>> = {
  api: ['mysql', 'valkey', 'kafka'],
  worker: ['mysql', 'valkey', 'kafka'],
  'data-platform': ['mysql', 'kafka'],
  migrate: ['mysql'],
};

/**
 * Denies all traffic in the app's namespace but what each process needs. The security groups of the servers
 * admit every pod of the cluster, because the nodes share one group; these policies tell the pods apart.
 */
export function networkPolicies({ vpcCidr }: NetworkPoliciesOptions): NetworkPolicy[] {
  const policy = (name: string, spec: NetworkPolicy['spec']): NetworkPolicy => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec,
  });
  const inVpc = { ipBlock: { cidr: vpcCidr } };
  const tcp = (port: number) => ({ protocol: 'TCP', port }) as const;
  return [
    policy('default', {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ ports: [{ protocol: 'UDP', port: 53 }, tcp(53)] }, { ports: [tcp(443)] }],
    }),
    policy('api-requests', {
      podSelector: { matchLabels: workloadLabel('api') },
      policyTypes: ['Ingress'],
      ingress: [{ from: [inVpc], ports: [tcp(appPort)] }],
    }),
    ...Object.entries(servers).map(([name, needed]) =>
      policy(`${name}-servers`, {
        podSelector: { matchLabels: workloadLabel(name) },
        policyTypes: ['Egress'],
        egress: [{ to: [inVpc], ports: needed.map((server) => tcp(ports[server])) }],
      }),
    ),
  ];
}
