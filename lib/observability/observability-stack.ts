import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { accountAlarms } from './account-alarms.ts';
import { dataAlarms } from '../data/data-alarms.ts';
import { eventAlarms } from '../messaging/event-alarms.ts';
import { instanceAlarms } from '../service/instance-alarms.ts';
import { OverviewDashboard } from './overview-dashboard.ts';
import { requestAlarms } from '../edge/request-alarms.ts';
import { RunbookAlarms } from './runbook-alarms.ts';
import { shopAlarms } from '../service/shop-alarms.ts';
import type { DeploymentOptions } from '../settings/deployment-options.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { EdgeStack } from '../edge/edge-stack.ts';
import type { MessagingStack } from '../messaging/messaging-stack.ts';
import type { ServiceStack } from '../service/service-stack.ts';

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
