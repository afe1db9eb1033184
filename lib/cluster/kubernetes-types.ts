/**
 * The fields of Kubernetes objects that the manifests here use, so that the compiler finds a misspelt one.
 * Names, types and nesting are those of the API reference of 1.36.
 */

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>;
}

interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: number };
  readonly exec?: { readonly command: readonly string[] };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
  readonly initialDelaySeconds?: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: {
    readonly requests: { readonly cpu: string; readonly memory: string };
    readonly limits: { readonly memory: string };
  };
  readonly securityContext: {
    readonly allowPrivilegeEscalation: false;
    readonly readOnlyRootFilesystem: true;
    readonly capabilities: { readonly drop: readonly ['ALL'] };
  };
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: false;
  readonly enableServiceLinks: false;
  readonly terminationGracePeriodSeconds?: number;
  readonly restartPolicy?: 'Never' | 'OnFailure';
  readonly securityContext: {
    readonly runAsNonRoot: true;
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly fsGroup: number;
    readonly seccompProfile: { readonly type: 'RuntimeDefault' };
  };
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly topologySpreadConstraints?: readonly {
    readonly maxSkew: number;
    readonly topologyKey: string;
    readonly whenUnsatisfiable: 'ScheduleAnyway' | 'DoNotSchedule';
    readonly labelSelector: Selector;
    readonly matchLabelKeys?: readonly string[];
  }[];
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly {
    readonly name: string;
    readonly emptyDir?: { readonly medium: 'Memory'; readonly sizeLimit: string };
    readonly configMap?: { readonly name: string };
  }[];
}

export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
}

export interface Deployment {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'Deployment';
  readonly metadata: Metadata;
  readonly spec: {
    /** Left out where a HorizontalPodAutoscaler sets it. */
    readonly replicas?: number;
    readonly minReadySeconds: number;
    readonly progressDeadlineSeconds: number;
    readonly revisionHistoryLimit: number;
    readonly strategy: {
      readonly type: 'RollingUpdate';
      readonly rollingUpdate: { readonly maxSurge: number; readonly maxUnavailable: number };
    };
    readonly selector: Selector;
    readonly template: PodTemplate;
  };
}

export interface Job {
  readonly apiVersion: 'batch/v1';
  readonly kind: 'Job';
  readonly metadata: Metadata;
  readonly spec: {
    readonly backoffLimit: number;
    readonly activeDeadlineSeconds: number;
    readonly template: PodTemplate;
  };
}

export interface PodDisruptionBudget {
  readonly apiVersion: 'policy/v1';
  readonly kind: 'PodDisruptionBudget';
  readonly metadata: Metadata;
  readonly spec: {
    readonly maxUnavailable: number;
    readonly unhealthyPodEvictionPolicy: 'AlwaysAllow';
    readonly selector: Selector;
  };
}

export interface HorizontalPodAutoscaler {
  readonly apiVersion: 'autoscaling/v2';
  readonly kind: 'HorizontalPodAutoscaler';
  readonly metadata: Metadata;
  readonly spec: {
    readonly scaleTargetRef: {
      readonly apiVersion: 'apps/v1';
      readonly kind: 'Deployment';
      readonly name: string;
    };
    readonly minReplicas: number;
    readonly maxReplicas: number;
    readonly metrics: readonly {
      readonly type: 'ContainerResource';
      readonly containerResource: {
        readonly name: 'cpu';
        readonly container: string;
        readonly target: { readonly type: 'Utilization'; readonly averageUtilization: number };
      };
    }[];
    readonly behavior: {
      readonly scaleDown: { readonly stabilizationWindowSeconds: number };
    };
  };
}

export interface ConfigMap {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: Metadata;
  readonly data: Readonly<Record<string, string>>;
}

export interface ServiceAccount {
  readonly apiVersion: 'v1';
  readonly kind: 'ServiceAccount';
  readonly metadata: Metadata;
  readonly automountServiceAccountToken: false;
}

export interface Namespace {
  readonly apiVersion: 'v1';
  readonly kind: 'Namespace';
  readonly metadata: Metadata;
}

export interface Service {
  readonly apiVersion: 'v1';
  readonly kind: 'Service';
  readonly metadata: Metadata;
  readonly spec: {
    readonly type: 'ClusterIP';
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: number }[];
  };
}

export interface NetworkPolicy {
  readonly apiVersion: 'networking.k8s.io/v1';
  readonly kind: 'NetworkPolicy';
  readonly metadata: Metadata;
  readonly spec: {
    readonly podSelector: Selector | Record<string, never>;
    readonly policyTypes: readonly ('Ingress' | 'Egress')[];
    readonly ingress?: readonly NetworkRule<'from'>[];
    readonly egress?: readonly NetworkRule<'to'>[];
  };
}

type NetworkRule<Side extends 'from' | 'to'> = {
  readonly ports: readonly { readonly protocol: 'TCP' | 'UDP'; readonly port: number }[];
} & { readonly [side in Side]?: readonly { readonly ipBlock: { readonly cidr: string } }[] };

export interface Ingress {
  readonly apiVersion: 'networking.k8s.io/v1';
  readonly kind: 'Ingress';
  readonly metadata: Metadata;
  readonly spec: {
    readonly ingressClassName: string;
    readonly rules: readonly {
      readonly http: {
        readonly paths: readonly {
          readonly path: string;
          readonly pathType: 'Prefix';
          readonly backend: {
            readonly service: { readonly name: string; readonly port: { number: number } };
          };
        }[];
      };
    }[];
  };
}

export interface IngressClass {
  readonly apiVersion: 'networking.k8s.io/v1';
  readonly kind: 'IngressClass';
  readonly metadata: Metadata;
  readonly spec: {
    readonly controller: 'eks.amazonaws.com/alb';
    readonly parameters: {
      readonly apiGroup: 'eks.amazonaws.com';
      readonly kind: 'IngressClassParams';
      readonly name: string;
    };
  };
}

/** Type of EKS Auto Mode; its schema is not public ("Create an IngressClass to configure an ALB"). */
export interface IngressClassParams {
  readonly apiVersion: 'eks.amazonaws.com/v1';
  readonly kind: 'IngressClassParams';
  readonly metadata: Metadata;
  readonly spec: {
    readonly scheme: 'internet-facing';
    readonly subnets: { readonly ids: readonly string[] };
  };
}

/** Defined by EKS Auto Mode ("Configure multi-cluster target groups"). */
export interface TargetGroupBinding {
  readonly apiVersion: 'eks.amazonaws.com/v1';
  readonly kind: 'TargetGroupBinding';
  readonly metadata: Metadata;
  readonly spec: {
    readonly serviceRef: { readonly name: string; readonly port: number };
    readonly targetGroupARN: string;
    readonly targetType: 'ip';
  };
}

/** Type of EKS Auto Mode ("Create a Node Class for Amazon EKS"). */
export interface NodeClass {
  readonly apiVersion: 'eks.amazonaws.com/v1';
  readonly kind: 'NodeClass';
  readonly metadata: Metadata;
  readonly spec: {
    readonly role: string;
    readonly subnetSelectorTerms: readonly { readonly id: string }[];
    readonly securityGroupSelectorTerms: readonly { readonly id: string }[];
    readonly ephemeralStorage: { readonly size: string };
    readonly networkPolicy: 'DefaultAllow' | 'DefaultDeny';
    readonly networkPolicyEventLogs: 'Enabled' | 'Disabled';
    readonly tags: Readonly<Record<string, string>>;
  };
}

/** Type of Karpenter, which Auto Mode runs ("Create a Node Pool for EKS Auto Mode"). */
export interface NodePool {
  readonly apiVersion: 'karpenter.sh/v1';
  readonly kind: 'NodePool';
  readonly metadata: Metadata;
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly nodeClassRef: {
          readonly group: 'eks.amazonaws.com';
          readonly kind: 'NodeClass';
          readonly name: string;
        };
        readonly requirements: readonly {
          readonly key: string;
          readonly operator: 'In';
          readonly values: readonly string[];
        }[];
        readonly expireAfter: string;
        readonly terminationGracePeriod: string;
      };
    };
    readonly disruption: {
      readonly consolidationPolicy: 'WhenEmptyOrUnderutilized' | 'WhenEmpty';
      readonly consolidateAfter: string;
      readonly budgets: readonly { readonly nodes: string }[];
    };
    readonly limits: { readonly cpu: string };
  };
}

export type KubernetesObject =
  | ConfigMap
  | Deployment
  | HorizontalPodAutoscaler
  | Ingress
  | IngressClass
  | IngressClassParams
  | Job
  | Namespace
  | NetworkPolicy
  | NodeClass
  | NodePool
  | PodDisruptionBudget
  | Service
  | ServiceAccount
  | TargetGroupBinding;
