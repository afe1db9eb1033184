/**
 * Version of the cluster, and the last day of its standard support
 * (https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html). The cluster's upgrade policy
 * is STANDARD: after that day EKS upgrades it automatically instead of billing six times the price. A test
 * fails 60 days earlier. The package of kubectl in the dependencies must have the same version.
 */
export const kubernetesVersion = { version: '1.36', standardSupportEnds: '2027-08-02' } as const;
