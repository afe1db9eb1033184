import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OverviewDashboard, type OverviewDashboardProps } from './overview-dashboard.ts';
import { RunbookAlarms, type RunbookAlarmsProps } from './runbook-alarms.ts';

export interface ObservabilityStackProps extends StackProps {
  readonly alarms: RunbookAlarmsProps;
  /** Adds the alarms of every room. */
  readonly addAlarms: (alarms: RunbookAlarms) => void;
  readonly overview: OverviewDashboardProps;
}

/** The dashboard and the alarms, each with a heading in docs/runbook.md. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    const { alarms, addAlarms, overview, ...stackProps } = props;
    super(scope, id, stackProps);
    addAlarms(new RunbookAlarms(this, 'Alarms', alarms));
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new OverviewDashboard(this, 'Overview', overview);
  }
}
