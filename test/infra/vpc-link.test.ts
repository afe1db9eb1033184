import type { CfnSubnet } from 'aws-cdk-lib/aws-ec2';
import { expect } from 'chai';
import { synthesise, synthesisedStage } from '../support/observe/synthesised-stage.ts';

describe('the link from the gateway to the balancer', function () {
  it('redeploys the gateway when its link is replaced, and not otherwise', () => {
    const stage = synthesisedStage('minimal');
    const deploymentWith = (vpcLinks: Parameters<typeof synthesise>[2]) =>
      synthesise(stage.settings, {}, vpcLinks).one('AWS::ApiGateway::Deployment').logicalId;
    const { logicalId } = stage.one('AWS::ApiGateway::Deployment');
    expect(deploymentWith(() => {})).to.equal(logicalId);
    // The subnets of a link cannot be changed: CloudFormation replaces it, with the same logical id.
    const moved = deploymentWith(({ network }) => {
      for (const subnet of network.vpc.privateSubnets.concat(network.vpc.isolatedSubnets)) {
        (subnet.node.defaultChild as CfnSubnet).overrideLogicalId(`Other${subnet.node.id}`);
      }
    });
    expect(moved).to.not.equal(logicalId);
  });
});
