import { CfnJson } from 'aws-cdk-lib';
import { type IOpenIdConnectProvider, OpenIdConnectPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface ServiceAccountRoleProps {
  /** OIDC provider of the cluster. */
  readonly provider: IOpenIdConnectProvider;
  readonly namespace: string;
  /** Name of the service account, the only one that may assume the role. */
  readonly name: string;
}

/** IAM role for the pods of one service account (IRSA). */
export class ServiceAccountRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { provider, namespace, name }: ServiceAccountRoleProps) {
    super(scope, id);
    const issuer = provider.openIdConnectProviderIssuer;
    // The issuer is known only after the cluster exists, and JSON cannot have a reference as a key.
    const conditions = new CfnJson(this, 'Conditions', {
      value: {
        [`${issuer}:aud`]: 'sts.amazonaws.com',
        [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${name}`,
      },
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new OpenIdConnectPrincipal(provider).withConditions({
        StringEquals: conditions,
      }),
    });
  }
}
