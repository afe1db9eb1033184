import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import { AlarmTopic } from './alarm-topic.ts';

export type Severity = 'page' | 'mail';

export interface RunbookAlarm {
  /** The heading in docs/runbook.md, in kebab case. */
  readonly runbook: string;
  /** Distinguishes several alarms under one heading. */
  readonly about?: string;
  /** One sentence for the person on call. */
  readonly says: string;
  /** `page`: customers are affected now or will be within hours. `mail`: check it on the next working day. */
  readonly severity: Severity;
  readonly metric: IMetric;
  readonly above?: number;
  readonly below?: number;
  /** Consecutive periods above or below the threshold. */
  readonly periods: number;
  /** Alarm as well when the metric has no data. */
  readonly missingIsBad?: boolean;
}

export interface RunbookAlarmsProps {
  readonly stage: string;
  /** Receives an e-mail for every alarm. */
  readonly email: string | undefined;
  /** Receives the alarms of severity `page`. */
  readonly pageUrl: string | undefined;
}

/** Alarms that each link to a heading of the runbook, with one topic per severity in use. */
export class RunbookAlarms extends Construct {
  readonly #props: RunbookAlarmsProps;
  readonly #topics = new Map<Severity, AlarmTopic>();

  constructor(scope: Construct, id: string, props: RunbookAlarmsProps) {
    super(scope, id);
    this.#props = props;
  }

  topic(severity: Severity): AlarmTopic {
    const { stage, email, pageUrl } = this.#props;
    const known = this.#topics.get(severity);
    if (known !== undefined) return known;
    const publishers = ['cloudwatch.amazonaws.com'];
    const topic =
      severity === 'page'
        ? new AlarmTopic(this, 'Page', {
            displayName: `Rowlock ${stage}: page`,
            publishers,
            email,
            url: pageUrl,
          })
        : new AlarmTopic(this, 'Mail', {
            displayName: `Rowlock ${stage}`,
            publishers: [...publishers, 'budgets.amazonaws.com'],
            email,
          });
    this.#topics.set(severity, topic);
    return topic;
  }

  add(alarm: RunbookAlarm): Alarm {
    const { runbook, about, metric, above, below } = alarm;
    const name = about === undefined ? runbook : `${runbook}-${about}`;
    const threshold = above ?? below;
    if (threshold === undefined || (above !== undefined && below !== undefined)) {
      throw new Error(`the alarm ${name} needs either above or below`);
    }
    const made = new Alarm(this, name, {
      alarmName: `rowlock-${this.#props.stage}-${name}`,
      alarmDescription: `[${alarm.severity}] ${alarm.says} docs/runbook.md#${runbook}`,
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
    const action = new SnsAction(this.topic(alarm.severity));
    made.addAlarmAction(action);
    made.addOkAction(action);
    return made;
  }
}

export const oneMinute = { period: Duration.minutes(1) };
export const fiveMinutes = { period: Duration.minutes(5) };
