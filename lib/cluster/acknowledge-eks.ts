import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

const managed = (name: string) => `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`;

/**
 * Acknowledges what the CDK's own constructs for EKS contain: the cluster's role and the kubectl functions.
 */
export function acknowledgeEks(cluster: IConstruct): void {
  const ofAws = {
    AmazonEKSClusterPolicy: "AWS's own policies for the cluster of Auto Mode.",
    AmazonEKSComputePolicy: "AWS's own policies for the cluster of Auto Mode.",
    AmazonEKSBlockStoragePolicy: "AWS's own policies for the cluster of Auto Mode.",
    AmazonEKSLoadBalancingPolicy: "AWS's own policies for the cluster of Auto Mode.",
    AmazonEKSNetworkingPolicy: "AWS's own policies for the cluster of Auto Mode.",
    AmazonEC2ContainerRegistryReadOnly: "The CDK's function that runs kubectl.",
    'service-role/AWSLambdaBasicExecutionRole': "The CDK's functions that run kubectl.",
    'service-role/AWSLambdaVPCAccessExecutionRole': "The CDK's functions that run kubectl, in the VPC.",
  };
  const handler = 'EksClusterKubectlProviderHandler';
  Validations.of(cluster).acknowledge(
    ...Object.entries(ofAws).map(([name, reason]) => ({ id: managed(name), reason })),
    {
      id:
        `AwsSolutions-IAM4[Policy::{"Fn::If":["${handler}HasEcrPublicC426D1A5",{"Fn::Join":["",["arn:",` +
        '{"Ref":"AWS::Partition"},":iam::aws:policy/AmazonElasticContainerRegistryPublicReadOnly"]]},' +
        '{"Ref":"AWS::NoValue"}]}]',
      reason: "The CDK's function that runs kubectl.",
    },
    {
      id: `AwsSolutions-IAM5[Resource::<${handler}DA75FB7A.Arn>:*]`,
      reason: "The versions of the CDK's own function.",
    },
    {
      id: 'AwsSolutions-L1',
      reason: 'The CDK chooses the runtime of its function that runs kubectl; it updates with the CDK.',
    },
    {
      id: 'CloudFormation-Validate::W9009',
      reason: 'The property that names the kinds of objects to encrypt; the CDK still uses it.',
    },
  );
}
