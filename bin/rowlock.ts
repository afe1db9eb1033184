/** CDK entry: `npx cdk synth`. Stacks are added by stage in lib/. */
import { App } from 'aws-cdk-lib';

const app = new App();
app.synth();
