/** Names of objects that several manifests refer to. */
export const namespace = 'rowlock';

/** The NodePool and its NodeClass, and the label by which pods choose it. */
export const nodePoolName = 'rowlock';
export const poolLabel = { 'rowlock.dev/pool': nodePoolName } as const;

/** IngressClass of Auto Mode's controller. */
export const ingressClassName = 'alb';

/** The Service in front of the API. */
export const apiServiceName = 'api';

/** Label of the pods of a workload, by which Services, budgets and policies select them. */
export const workloadLabel = (name: string) => ({ 'app.kubernetes.io/name': name });
