import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { accountAlarms } from '../constructs/account-alarms.ts';
import { dataAlarms } from '../constructs/data-alarms.ts';
import { eventAlarms } from '../constructs/event-alarms.ts';
import { instanceAlarms } from '../constructs/instance-alarms.ts';
import { OverviewDashboard } from '../constructs/overview-dashboard.ts';
import { requestAlarms } from '../constructs/request-alarms.ts';
import { RunbookAlarms } from '../constructs/runbook-alarms.ts';
import { shopAlarms } from '../constructs/shop-alarms.ts';
import type { DeploymentOptions } from '../deployment-options.ts';
import type { StageSettings } from '../stages.ts';
import type { DataStack } from './data-stack.ts';
import type { EdgeStack } from './edge-stack.ts';
import type { MessagingStack } from './messaging-stack.ts';
import type { ServiceStack } from './service-stack.ts';

export interface ObservabilityStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly options: DeploymentOptions;
  readonly natGatewayIds: readonly string[];
  readonly messaging: MessagingStack;
  readonly data: DataStack;
  readonly edge: EdgeStack;
  readonly service: ServiceStack;
}

/** The dashboard, and an alarm with a heading in docs/runbook.md for each way in which things go wrong. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { settings, options, ...props }: ObservabilityStackProps) {
    super(scope, id, props);
    const { messaging, data, edge, service, natGatewayIds } = props;
    const { name: stage } = settings;
    const alarms = new RunbookAlarms(this, 'Alarms', {
      stage,
      email: options.alarmEmail,
      pageUrl: options.alarmPageUrl,
    });
    requestAlarms(alarms, edge, settings);
    shopAlarms(alarms, stage);
    eventAlarms(alarms, { messaging, service, stage });
    instanceAlarms(alarms, { service, settings, natGatewayIds });
    dataAlarms(alarms, data, settings);
    accountAlarms(alarms, options, stage);
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new OverviewDashboard(this, 'Overview', { stage, edge, data, messaging });
  }
}
