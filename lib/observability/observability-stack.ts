import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { RunbookAlarms, type RunbookAlarmsProps } from './runbook-alarms.ts';

export interface ObservabilityStackProps extends StackProps {
  readonly alarms: RunbookAlarmsProps;
  /** Adds the alarms of every room. */
  readonly addAlarms: (alarms: RunbookAlarms) => void;
  readonly addOverview: (stack: Stack) => void;
}

/** The dashboard and the alarms, each with a heading in docs/runbook.md. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    const { alarms, addAlarms, addOverview, ...stackProps } = props;
    super(scope, id, stackProps);
    addAlarms(new RunbookAlarms(this, 'Alarms', alarms));
    addOverview(this);
  }
}
