/**
 * CDK entry for the role of the delivery path, deployed once per account by a person:
 * `npx cdk deploy --app 'node bin/delivery.ts' -c stage=minimal -c repository=OWNER/NAME`.
 */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { z } from 'zod';
import { DeliveryStack } from '../lib/delivery/delivery-stack.ts';
import { checkOptionNames } from '../lib/settings/option-names.ts';
import { stageNames } from '../lib/settings/stage-settings.ts';

const contextSchema = z.object({
  stage: z.enum(stageNames),
  repository: z.string().regex(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, { error: 'must be OWNER/NAME on GitHub' }),
  oidcProviderArn: z
    .string()
    .regex(/^arn:aws:iam::[0-9]{12}:oidc-provider\/token\.actions\.githubusercontent\.com$/, {
      error: "must be the ARN of GitHub's OIDC provider in this account",
    })
    .optional(),
});

const app = new App();
const names = Object.keys(contextSchema.shape);
checkOptionNames(Object.keys(app.node.getAllContext()), names);
const { data, error } = contextSchema.safeParse(
  Object.fromEntries(names.map((name) => [name, app.node.tryGetContext(name)])),
);
if (error !== undefined) {
  const reasons = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`invalid options (-c name=value): ${reasons.join('; ')}`);
}
// oxlint-disable-next-line no-new -- a construct adds itself to its scope
new DeliveryStack(app, `Rowlock-${data.stage}-Delivery`, {
  stage: data.stage,
  repository: data.repository,
  oidcProviderArn: data.oidcProviderArn,
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
