import { expect } from 'chai';
import { stageSettings } from '../../lib/settings/stages.ts';
import { instanceSettingsOf } from './instance-settings-of.ts';
import { type Resource, synthesise, type SynthesisedStage } from '../support/observe/synthesised-stage.ts';

describe("a rotation of the storefront's key", function () {
  const withKeys = (...storefrontKeys: number[]) => {
    const settings = stageSettings('minimal');
    return synthesise({ ...settings, gateway: { ...settings.gateway, storefrontKeys } });
  };
  const storefrontKeys = (stage: SynthesisedStage) =>
    stage
      .ofType('AWS::ApiGateway::ApiKey')
      .filter(({ Properties }) => /storefront/.test(String(Properties['Name'])));
  const sentBy = (stage: SynthesisedStage) => {
    const origins = stage.one('AWS::CloudFront::Distribution').Properties['DistributionConfig'][
      'Origins'
    ] as { OriginCustomHeaders?: { HeaderValue: unknown }[] }[];
    return origins.flatMap(({ OriginCustomHeaders = [] }) => OriginCustomHeaders)[0]?.HeaderValue;
  };
  const nameOf = ({ Properties }: Resource) => String(Properties['Name']);

  it('accepts both keys in plan, app and alarm while CloudFront sends the first', () => {
    const stage = withKeys(2, 1);
    const keys = storefrontKeys(stage);
    expect(keys.map(nameOf)).to.have.members(['rowlock-minimal-storefront', 'rowlock-minimal-storefront-2']);
    const second = keys.find((key) => nameOf(key).endsWith('-2'));
    expect(second?.Properties['Value']).to.deep.equal(sentBy(stage));
    const [one, other] = keys.map(({ Properties }) => JSON.stringify(Properties['Value']));
    expect(one).to.not.equal(other);
    const inPlan = stage
      .ofType('AWS::ApiGateway::UsagePlanKey')
      .map(({ Properties }) => [
        Properties['KeyId'].Ref as string,
        JSON.stringify(Properties['UsagePlanId']),
      ]);
    const plans = keys.map(({ logicalId }) => inPlan.find(([id]) => id === logicalId)?.[1]);
    for (const plan of plans) expect(plan).to.contain('Planstorefront');
    const known = instanceSettingsOf(stage, 'Api').processes.api?.variables.STOREFRONT_KEY_ID ?? '';
    const ids = known.split(',');
    expect(ids).to.have.lengthOf(2);
    const filter = stage.one('AWS::Logs::MetricFilter', 'AlarmsClientRequests').Properties['FilterPattern'];
    for (const { logicalId } of keys) {
      // The reference resolves to lower case in that setting.
      expect(known).to.contain(logicalId.toLowerCase());
      expect(JSON.stringify(filter)).to.contain(logicalId);
    }
  });

  it('starts next to the key that CloudFront still sends, and ends without it', () => {
    const [before, during, after] = [withKeys(1), withKeys(1, 2), withKeys(2)];
    expect(sentBy(during)).to.deep.equal(sentBy(before));
    expect(storefrontKeys(during)).to.have.lengthOf(2);
    const [first] = storefrontKeys(before);
    const [last, ...more] = storefrontKeys(after);
    expect(more).to.deep.equal([]);
    expect(last?.Properties['Value']).to.deep.equal(sentBy(after));
    // The new key must be a different resource, otherwise CloudFormation would keep the old value.
    expect(last?.logicalId).to.not.equal(first?.logicalId);
    expect(sentBy(after)).to.not.deep.equal(sentBy(before));
  });
});
