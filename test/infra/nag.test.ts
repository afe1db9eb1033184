import { Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { expect } from 'chai';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { stageSettings } from '../../lib/settings/stages.ts';
import { synthesise, synthesisedStage } from '../support/observe/synthesised-stage.ts';

describe("cdk-nag and CloudFormation's rules", function () {
  for (const name of stageNames)
    it(`find nothing unexplained in ${name}`, () => {
      expect(synthesisedStage(name).resources).to.have.length.of.at.least(100);
    });

  it('find nothing with every option enabled', () => {
    const stage = synthesisedStage('production', {
      domain: 'shop.example.com',
      hostedZoneId: 'Z0123456789ABC',
      hostedZoneName: 'example.com',
      edgeCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a',
      regionalCertificateArn: 'arn:aws:acm:ap-northeast-2:123456789012:certificate/b',
      edgeWebAclArn: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b',
      alarmEmail: 'oncall@example.com',
    });
    expect(stage.resources).to.have.length.of.at.least(100);
  });

  it('find nothing in a disposable stage', () => {
    const stage = synthesisedStage('minimal', { disposable: 'true' });
    const database = stage.one('AWS::RDS::DBInstance', 'DatabaseInstance');
    expect(database.DeletionPolicy).to.equal('Delete');
    expect(database.Properties).to.include({ DeletionProtection: false });
  });

  it('detect a security group that is open to the world', () => {
    const planted = () =>
      synthesise(stageSettings('minimal'), {}, ({ edge }) => {
        edge.balancer.securityGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(80));
      });
    // The CDK either prints the findings or includes them in the error.
    expect(planted).to.throw(/Validation failed|AwsSolutions-EC23/);
  });
});
