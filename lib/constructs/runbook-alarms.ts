import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import { AlarmTopic } from './alarm-topic.ts';

export interface RunbookAlarm {
  /** The heading in docs/runbook.md, in kebab case. */
  readonly runbook: string;
  /** Of several alarms under one heading. */
  readonly about?: string;
  /** One sentence for whoever is woken by it. */
  readonly says: string;
  readonly metric: IMetric;
  readonly above?: number;
  readonly below?: number;
  /** Periods in a row. */
  readonly periods: number;
  /** True where silence is a bad sign. */
  readonly missingIsBad?: boolean;
}

/** Alarms that each lead to a heading of the runbook, by mail if there is an address. */
export class RunbookAlarms extends Construct {
  readonly topic: AlarmTopic;
  readonly #stage: string;

  constructor(scope: Construct, id: string, props: { stage: string; email: string | undefined }) {
    super(scope, id);
    this.#stage = props.stage;
    this.topic = new AlarmTopic(this, 'Topic', { displayName: `Rowlock ${props.stage}`, email: props.email });
  }

  add(alarm: RunbookAlarm): Alarm {
    const { runbook, about, metric, above, below } = alarm;
    const name = about === undefined ? runbook : `${runbook}-${about}`;
    const threshold = above ?? below;
    if (threshold === undefined || (above !== undefined && below !== undefined)) {
      throw new Error(`the alarm ${name} needs above or below, and not both`);
    }
    const made = new Alarm(this, name, {
      alarmName: `rowlock-${this.#stage}-${name}`,
      alarmDescription: `${alarm.says} docs/runbook.md#${runbook}`,
      metric,
      threshold,
      comparisonOperator:
        above === undefined
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: alarm.periods,
      datapointsToAlarm: alarm.periods,
      treatMissingData:
        alarm.missingIsBad === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    made.addAlarmAction(new SnsAction(this.topic));
    made.addOkAction(new SnsAction(this.topic));
    return made;
  }
}

export const oneMinute = { period: Duration.minutes(1) };
export const fiveMinutes = { period: Duration.minutes(5) };
