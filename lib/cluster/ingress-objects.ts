import { healthCheck } from '../edge/health-check.ts';
import { appPort } from '../settings/app-port.ts';
import { deadlines } from '../settings/deadlines.ts';
import { balancerLogPrefix } from '../storage/log-bucket.ts';
import type { Ingress, IngressClass, IngressClassParams, Service } from './kubernetes-types.ts';
import { apiServiceName, ingressClassName, namespace, workloadLabel } from './names.ts';

export interface IngressObjectsOptions {
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly logBucket: string;
  readonly certificateArn: string | undefined;
}

const annotation = (name: string) => `alb.ingress.kubernetes.io/${name}`;
/** TLS 1.2 and 1.3 with forward secrecy, as on the balancer of the other shape. */
const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-2021-06';

/** The Service of the API, to whose pods a balancer sends. */
export const apiService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: apiServiceName, namespace },
  spec: {
    type: 'ClusterIP',
    selector: workloadLabel('api'),
    ports: [{ name: 'http', port: 80, targetPort: appPort }],
  },
};

/** The Ingress of the shop, and what it needs: its class with parameters, and the Service of the API. */
export function ingressObjects(options: IngressObjectsOptions): {
  parameters: IngressClassParams;
  ingressClass: IngressClass;
  service: Service;
  ingress: Ingress;
} {
  return {
    parameters: {
      apiVersion: 'eks.amazonaws.com/v1',
      kind: 'IngressClassParams',
      metadata: { name: ingressClassName },
      spec: { scheme: 'internet-facing', subnets: { ids: options.subnetIds } },
    },
    ingressClass: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: ingressClassName },
      spec: {
        controller: 'eks.amazonaws.com/alb',
        parameters: { apiGroup: 'eks.amazonaws.com', kind: 'IngressClassParams', name: ingressClassName },
      },
    },
    service: apiService,
    ingress: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: apiServiceName, namespace, annotations: annotations(options) },
      spec: {
        ingressClassName,
        rules: [
          {
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: apiServiceName, port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    },
  };
}

function annotations(options: IngressObjectsOptions): Record<string, string> {
  const { certificateArn, logBucket } = options;
  const list = (attributes: Readonly<Record<string, string>>) =>
    Object.entries(attributes)
      .map(([name, value]) => `${name}=${value}`)
      .join(',');
  const all: Record<string, string> = {
    // Straight to the pods, without a hop over a node.
    'target-type': 'ip',
    'security-groups': options.securityGroupId,
    'listen-ports': JSON.stringify(certificateArn === undefined ? [{ HTTP: 80 }] : [{ HTTPS: 443 }]),
    ...(certificateArn === undefined ? {} : { 'certificate-arn': certificateArn, 'ssl-policy': TLS_POLICY }),
    'healthcheck-path': healthCheck.path,
    'healthcheck-interval-seconds': `${healthCheck.intervalS}`,
    'healthcheck-timeout-seconds': `${healthCheck.timeoutS}`,
    'healthy-threshold-count': `${healthCheck.healthyCount}`,
    'unhealthy-threshold-count': `${healthCheck.unhealthyCount}`,
    'target-group-attributes': list({
      'deregistration_delay.timeout_seconds': `${deadlines.deregistrationS}`,
      'load_balancing.algorithm.type': 'least_outstanding_requests',
    }),
    'load-balancer-attributes': list({
      'idle_timeout.timeout_seconds': `${deadlines.balancerIdleS}`,
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.bucket': logBucket,
      'access_logs.s3.prefix': balancerLogPrefix,
    }),
  };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [annotation(name), value]));
}
